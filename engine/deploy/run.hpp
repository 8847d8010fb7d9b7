// One journaled run: from its first entry to how it ended.
#pragma once

#include <asio/cancellation_signal.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "deploy/courier.hpp"
#include "deploy/inbox.hpp"
#include "deploy/machinery.hpp"
#include "deploy/outbox.hpp"
#include "deploy/world.hpp"
#include "effects/fleet.hpp"
#include "effects/live.hpp"
#include "shunt/engine.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// What a run does above the waist: a script, or an engine routine.
using Body = std::function<Task<Outcome>(effects::Scope scope)>;

/// What a run is started with; references outlive it.
struct RunParts {
  World& world;
  const Registry& registry;
  store::Store& store;
  Reporter& reporter;
  const Settings& settings;
  Deployment deployment;
  store::Run row;
  store::AppState state;  ///< as it was before
};

/// Executes one Body; a failure is rolled back from the journaled hooks. Everything is recorded as it goes.
class Run {
 public:
  explicit Run(RunParts parts);

  /// Records the beginning. Nothing has an effect before this succeeded.
  Result<void> begin(const std::optional<store::Release>& release);

  /// Runs `body` in branch "0" and ends the run by what it came to.
  Ending execute(Body body);

  /// Goes on with a run that a crash interrupted: performs the hooks it had journaled, without its script.
  Ending roll_back_from(const std::vector<store::Entry>& entries, const Error& why);

  /// Records that the script is ended where nothing can stop it. Called from the watchdog's thread while the loop's own
  /// is inside the script.
  void killed(const Error& why);

  Machinery& machinery() { return machinery_; }

 private:
  Task<void> main(Body body);
  Task<void> go_back(Error why);
  Task<Outcome> tell_restarted();
  Task<void> watch_deadline();
  Task<void> send_notices();
  Ending drive(Task<void> task);
  void leave_out_channels_that_are_off();
  void send_what_is_left();
  void background(Task<void> task);
  void interrupted(int signal);
  void stop_background();

  void finish_succeeded(const std::optional<Error>& warning);
  Value tell_costs();
  void finish(const std::string& state, int exit, std::optional<Error> error, Value report);
  void record_success();

  RunParts parts_;
  effects::Fleet fleet_;
  effects::Live live_;
  Machinery machinery_;
  Inbox inbox_;
  Outbox outbox_;
  Courier courier_;
  std::optional<store::Release> release_;
  std::list<asio::cancellation_signal> background_;
  int background_open_ = 0;
  bool ended_ = false;
  bool interrupted_ = false;
  int ctrl_c_ = 0;                     ///< how often it was pressed
  Value confirmed_ = Value::object();  ///< service → shares and start time of its proxy, read at the end
  Ending ending_;
};

}  // namespace shunt::deploy
