// The safety properties that every simulated deployment is watched for.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "deploy/run.hpp"
#include "simulate/world.hpp"
#include "store/store.hpp"

namespace shunt::simulate {

/// A property that did not hold, and what showed it.
struct Violation {
  std::string property;  ///< "no-blackout", ...
  std::string what;      ///< one sentence
  Where where;           ///< the author's line that was at work, where there is one
  int call = 0;          ///< after how many Calls
  std::int64_t elapsed_ms = 0;

  Violation() = default;
};

/// The names of all properties, in the order in which they are told.
const std::vector<std::string>& properties();

/// Judges by the world itself, never by what the engine believes. The engine answers for what follows from its own
/// Calls; what a fault takes away is not its doing. Loop thread only.
class Watch {
 public:
  explicit Watch(World& world);

  void before(const Call& call);
  void after(const Call& call, const Outcome& outcome);

  /// It has ended, as `ending` tells; `state` is what is recorded from now on, `elapsed_ms` its own time.
  void at_end(const Ending& ending, const store::AppState& state, std::int64_t elapsed_ms);

  /// `place`: the author's line, where it is not the one at work.
  void note(const std::string& property, std::string what, Where place = {});

  std::function<Where()> where;  ///< the author's line that is at work

  const std::vector<Violation>& violations() const { return violations_; }

 private:
  bool exempt() const { return world_.deployment().downtime; }
  bool touched_since_read(const std::string& service) const;
  bool reachable(const std::string& service);
  bool is_proven(const Service& service, Colour colour) const;
  void learn(const Call& call, const Outcome& outcome);
  void watch_stop(const Call& call);
  void watch_weights(const Call& call);
  void watch_singleton(const Call& call);
  void watch_shares_at_end(const std::string& state);
  void watch_instances_at_end(const std::string& state, const store::AppState& recorded);
  std::string name_of_side(Colour colour) const;

  World& world_;
  std::vector<Violation> violations_;
  std::map<std::string, bool> reachable_before_;
  std::map<std::string, Weights> shares_before_;         ///< when the engine first looked
  Weights told_before_;                                  ///< the weights of the proxy that is being told others
  std::set<std::string> confirmed_;                      ///< services that had a share confirmed
  std::set<std::string> healthy_;                        ///< instances that were seen ready
  std::map<std::string, std::set<std::string>> smoked_;  ///< address → smoke tests that were made there
  std::map<std::string, int> read_;                      ///< service → the Call with which its proxy was last read
};

}  // namespace shunt::simulate
