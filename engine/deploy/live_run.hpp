// A run in the real world: adapters, signals, notifications.
#pragma once

#include "deploy/courier.hpp"
#include "deploy/run.hpp"
#include "deploy/typed_lines.hpp"
#include "deploy/world.hpp"
#include "effects/fleet.hpp"
#include "effects/live.hpp"

namespace shunt::deploy {

/// What a live run is started with; references outlive it.
struct LiveParts {
  World& world;
  const Registry& registry;
  store::Store& store;
  Reporter& reporter;
  const Settings& settings;
  Deployment deployment;
  store::Run row;
  store::AppState state;     ///< as it was before
  Typist* typist = nullptr;  ///< who types the strategy, where somebody does
};

/// A Run whose effects are performed, whose operator presses Ctrl-C, and whose channels are told.
class LiveRun {
 public:
  explicit LiveRun(LiveParts parts);

  Result<void> begin(const std::optional<store::Release>& release);
  Ending execute(Body body);
  Ending resume(std::vector<store::Entry> entries, Body body);
  Ending roll_back_from(const std::vector<store::Entry>& entries, const Error& why);
  void killed(const Error& why) { run_.killed(why); }
  Machinery& machinery() { return run_.machinery(); }

 private:
  Value targets();
  RunParts run_parts();
  Ending drive(const std::function<Ending()>& work);
  Task<void> beat();
  Task<void> send_notices();
  void leave_out_channels_that_are_off();
  void send_what_is_left();
  void replay_in_the_shadow();
  void interrupted(int signal);

  LiveParts parts_;
  effects::Fleet fleet_;
  effects::Live live_;
  Run run_;
  Courier courier_;
  std::optional<TypedLines> lines_;
  int ctrl_c_ = 0;  ///< how often it was pressed
};

}  // namespace shunt::deploy
