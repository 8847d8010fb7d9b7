// The modelled world of one trial: a machine, its clients, and the faults that act on them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "effects/simulated.hpp"
#include "model/machine.hpp"
#include "simulate/clients.hpp"
#include "simulate/fault.hpp"

namespace shunt::simulate {

/// What a metric shows may depend on: the time since the beginning, and each side's least share over the services.
struct Moment {
  std::int64_t elapsed_ms = 0;
  int share_new = 0;
  int share_old = 100;
};

/// Outlives the engine's lives. Deterministic: the same deployment, faults and seed give the same world. Loop thread
/// only.
class World {
 public:
  /// The prior side runs, is ready, and has all the traffic, unless it is a first deployment. Gates pass. Questions are
  /// approved. With `seed` 0 every Call is answered after 1 ms; otherwise after 1 to 5 ms, which mixes what runs at the
  /// same time.
  World(const Deployment& deployment, std::uint64_t seed);

  /// The fault is there from now on; what has a time or a step waits for that.
  void add(const Fault& fault);

  /// Lets time go by until then (unix ms), before the deployment begins.
  void go_to(std::int64_t time);

  /// The deployment begins now: times of faults count from here.
  void begin() { began_ = machine.clock.now(); }

  /// Lets time go by, with what happens in it, while nobody looks after the deployment.
  void pass(Milliseconds duration);

  /// Where something happens before the next sleeper wakes: goes there, and lets it happen.
  bool pass_to_next();

  /// What a metric shows from now on: the gate of that name, or the query itself.
  using Metric = std::function<Result<Reading>(const Moment& moment)>;
  void metric(const std::string& name, Metric metric);

  Moment moment();
  std::int64_t elapsed_ms() const { return machine.clock.now() - began_; }

  model::Machine machine;
  effects::Fleet fleet;
  effects::Live live;
  effects::Simulated effects;
  Clients clients;

  std::function<void(const Call&)> before;                 ///< hears of every Call before it is done
  std::function<void(const Call&, const Outcome&)> after;  ///< and after that, before it is answered
  std::function<void(const Fault&)> happens;               ///< hears of what happens at its time
  std::function<void()> abort;                             ///< somebody wants it stopped
  std::string answer = "approve";                          ///< to every question; "" for nobody

  int calls() const { return calls_; }
  int steps() const { return steps_; }  ///< Calls with an effect that were done

  /// When something last happened to the service that was not the engine's doing, as a number of Calls; 0: never.
  int touched(const std::string& service) const;

  const Deployment& deployment() const { return deployment_; }

 private:
  /// When the next fault that has a time is due, unix ms.
  std::optional<std::int64_t> next_happening() const;

  /// A fault that waits for its time, or for its Call.
  struct Waiting {
    Fault fault;
    int seen = 0;  ///< Calls that it could have met
    bool over = false;
  };

  void hear_before(const Call& call);
  void hear_after(const Call& call, const Outcome& outcome);
  void let_happen();
  void happen(const Fault& fault);
  bool is_due(const Fault& fault) const;
  bool meets(Waiting& waiting, const Call& call);
  effects::Trouble trouble_for(const Call& call);
  Milliseconds latency_of(const Call& call);
  Result<Reading> reading(const std::string& expression);
  Result<Reading> reading_under(const Fault& fault, const Gate* gate);
  void change_metric(const Fault& fault);
  std::string service_in(const Fault& fault) const;
  Colour side_in(const Fault& fault) const;
  const Place* place_in(const Fault& fault) const;

  const Deployment& deployment_;
  std::mt19937_64 random_;
  bool mixes_;
  std::int64_t began_;
  std::vector<Waiting> happenings_;
  std::vector<Waiting> troubles_;
  std::vector<Waiting> delays_;
  std::map<std::string, Metric> metrics_;  ///< by query
  std::map<std::string, int> touched_;
  int calls_ = 0;
  int steps_ = 0;
};

/// Whether it is an effect: a primitive that changes something.
bool is_step(const Call& call);

}  // namespace shunt::simulate
