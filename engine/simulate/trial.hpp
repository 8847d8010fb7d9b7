// One deployment in a simulated world, over as many lives of its engine as it takes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deploy/play.hpp"
#include "deploy/run.hpp"
#include "simulate/memory_store.hpp"
#include "simulate/watch.hpp"
#include "simulate/world.hpp"

namespace shunt::simulate {

class Trial;

/// A safety property of the author's own: asked after every step; a complaint is a violation of the property with that
/// name.
struct Invariant {
  std::string name;
  std::function<std::optional<std::string>(Trial&)> complaint;
};

/// What is tried: a deployment with its strategy.
struct Subject {
  Deployment deployment;
  std::function<Result<std::unique_ptr<Script>>()> load;  ///< the strategy, anew each time
  std::vector<Invariant> invariants;
  std::shared_ptr<TestFile> tests;     ///< that the invariants stand in, or nothing
  std::shared_ptr<Coverage> coverage;  ///< of its lines, over all that were loaded; or nothing

  Subject() = default;
};

/// How far a trial goes into detail.
struct Detail {
  bool replays = true;  ///< replay-equal: the journal is replayed once it has ended
  bool hashes = false;  ///< the trace is hashed

  Detail() = default;
};

/// What a trial came to.
struct Report {
  Ending ending;
  std::vector<Violation> violations;
  Where last_line;             ///< of the script, that called a step
  bool disturbed = false;      ///< there were faults
  bool asked_for_all = false;  ///< the last shift of the script succeeded, and was to 100 %
  int calls = 0;
  int steps = 0;
  int lives = 0;
  std::int64_t elapsed_ms = 0;        ///< in the world
  std::map<std::string, bool> undos;  ///< of the script: by name, whether it was performed
  std::int64_t requests = 0;          ///< of the clients
  std::int64_t failed = 0;
  Weights shares;     ///< the least effective one of each colour, at the end
  std::string trace;  ///< a hash of everything it did

  Report() = default;
};

/// Fails never by itself: what goes wrong is in its report. Loop thread only.
class Trial : private Reporter {
 public:
  Trial(const Subject& subject, const Faults& faults, std::uint64_t seed = 0, Detail detail = Detail());
  ~Trial() override;

  Report run();

  World& world() { return world_; }
  MemoryStore& store() { return store_; }

  /// When it began, unix ms of its world.
  std::int64_t began() const { return row_.started; }

  /// What happened to the world, and after how long (ms).
  const std::vector<std::pair<std::int64_t, Fault>>& happened() const { return happened_; }

 private:
  class Mortal;

  std::optional<Ending> live();
  void check_replay();
  deploy::Body body_for(deploy::Run& run, std::unique_ptr<deploy::Play>& play);
  void prepare_store();
  void arm();
  bool strikes(const char* key, int n, const std::string& cut);
  bool dies_before(const Call& call);
  void look_after(const Call& call, const Outcome& outcome);
  void report(const Event& /*event*/) override {}
  bool listens() const override { return false; }
  Where place_at_work() const;
  bool asked_for_all() const;
  std::map<std::string, bool> undos() const;
  void look_for_forgotten_undo();
  std::string hash() const;

  const Subject& subject_;
  Detail detail_;
  World world_;
  MemoryStore store_;
  Watch watch_;
  Faults deaths_;  ///< crashes that have not come to pass
  store::AppState before_;
  store::Run row_;
  std::vector<std::pair<std::int64_t, Fault>> happened_;
  bool begun_ = false;
  bool endless_ = false;
  bool dies_soon_ = false;
  Milliseconds away_{0};  ///< how long nobody resumes the life that ended last
  int lives_ = 0;
  int intents_ = 0;
  int results_ = 0;
};

}  // namespace shunt::simulate
