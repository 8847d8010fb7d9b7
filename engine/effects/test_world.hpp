// For tests: a small world below the waist, with a clock of its own, in which anything can be made to go wrong.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "effects/effects.hpp"
#include "effects/trouble.hpp"
#include "loop/suspend.hpp"
#include "shunt/proxy.hpp"
#include "spec/deployment.hpp"

namespace shunt::effects::test {

using effects::Trouble;

struct ModelInstance {
  std::string id;
  std::string service;
  Colour color = Colour::blue;
  int index = 0;
  std::string version;
  std::string run;
  std::string state = "running";
  std::int64_t started = 0;
  std::int64_t ready_at = 0;
  int restarts = 0;
  bool sick = false;     ///< runs, but answers 500
  bool foreign = false;  ///< somebody else answers at its address
};

struct ModelProxy {
  Weights weights;
  Weights configured;  ///< what it goes back to when it is restarted
  std::int64_t started = 1;
  PerColour<bool> out;                            ///< in maintenance: never usable
  PerColour<bool> lost;                           ///< its instances are elsewhere than it knows, until it is told
  bool sticky = false;                            ///< its clients stay where they are until it is closed
  PerColour<std::optional<int>> in_flight{0, 0};  ///< nothing: it cannot count
  PerColour<int> turn;                            ///< who answers next
};

/// Deterministic. Each Call is done when it is made and answered a millisecond later (a sleep: when it is over), in
/// order of time; `advance` gives the next answer. Instances become ready `start_ms` after their start, and the proxies
/// notice at once.
class World : public Effects {
 public:
  /// The prior side runs, is ready, and has all the traffic, unless it is a first deployment.
  explicit World(const Deployment& deployment);

  Task<Outcome> perform(Call call) override;
  std::int64_t now() override { return now_; }

  /// Time goes by while nobody looks.
  void pass(std::int64_t ms) { now_ += ms; }

  /// Whoever waits is gone.
  void forget_answers() { waiting_.clear(); }

  /// Gives the answer that is due next; false when nobody waits for one.
  bool advance();

  std::vector<Call> calls;  ///< every Call, in order

  /// Short lines of the Calls with one of these verbs: "proxy.set web 100/10", "instances.stop web blue 0".
  std::vector<std::string> lines(const std::vector<std::string>& verbs) const;

  /// What becomes of a Call that is no sleep; `n` counts them from 1, `of_verb` those of the same verb.
  std::function<Trouble(const Call& call, int n, int of_verb)> trouble;
  /// Hears of every Call before it is done.
  std::function<void(const Call& call)> before;
  /// Hears of every Call after it was done, before it is answered.
  std::function<void(const Call& call)> after;
  /// By verb, what answers in place of the model; nothing: the model.
  std::map<std::string, std::function<std::optional<Outcome>(const Call& call)>> instead;
  /// What is said to every question; "": nobody answers.
  std::string operator_says;

  std::map<std::string, ModelProxy> proxies;       ///< by service
  std::map<std::string, ModelInstance> instances;  ///< by id
  std::int64_t start_ms = 40;
  std::string pinned;  ///< how every proxy keeps clients on one version

  /// Percent of new requests that each colour really gets.
  Weights effective(const std::string& service) const;
  int usable(const std::string& service, Colour colour) const;
  bool runs(Colour colour) const;

  /// It forgets what it was told.
  void restart_proxy(const std::string& service);

 private:
  struct Waiting {
    loop::Completion<Outcome> completion;
    Outcome outcome;
  };
  using Key = std::pair<std::int64_t, int>;

  loop::Abort<Outcome> take(const Call& call, const loop::Completion<Outcome>& completion);
  Outcome answer(const Call& call, std::int64_t& due);
  Outcome done(const Call& call);
  Outcome start(const Call& call);
  Outcome stop(const Call& call);
  Outcome list(const Call& call) const;
  Outcome health(const Call& call) const;
  Outcome view(const std::string& service) const;
  Outcome through_proxy(const Call& call);

  const Deployment& deployment_;
  std::int64_t now_ = 1'000'000;
  int order_ = 0;
  int count_ = 0;
  std::map<std::string, int> of_verb_;
  std::map<Key, Waiting> waiting_;
};

}  // namespace shunt::effects::test
