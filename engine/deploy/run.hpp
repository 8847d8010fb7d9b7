// One journaled run: from its first entry to how it ended, over one death of its engine or several.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deploy/inbox.hpp"
#include "deploy/machinery.hpp"
#include "deploy/outbox.hpp"
#include "effects/effects.hpp"
#include "shunt/engine.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// What a run does above the waist: a script, or an engine routine.
using Body = std::function<Task<Outcome>(effects::Scope scope)>;

/// What a run is started with; references outlive it.
struct RunParts {
  effects::Effects& effects;       ///< the world: the real one, or a simulated
  asio::any_io_executor executor;  ///< its loop
  std::function<bool()> pump;      ///< lets the next thing happen there; false: nothing ever will
  const Secrets& secrets;
  store::Store& store;
  Reporter& reporter;
  Deployment deployment;
  store::Run row;
  store::AppState state;      ///< as it was before
  Value targets;              ///< service → its proxy's target
  std::string boot_id;        ///< of the machine, now
  bool only_replays = false;  ///< nothing follows on what was journaled
  bool listens = true;        ///< looks into the inbox by itself; otherwise whoever pumps tells it to `hear`
};

/// Executes one Body; a failure is rolled back from the journaled hooks. Everything is recorded as it goes.
class Run {
 public:
  explicit Run(RunParts parts);

  /// Records the beginning. Nothing has an effect before this succeeded.
  Result<void> begin(std::optional<store::Release> release);

  /// Runs `body` in branch "0" and ends the run by what it came to.
  Ending execute(Body body);

  /// Goes on where a crash interrupted `execute` with the same body: replays what was journaled, settles what is in
  /// doubt, looks at the world again. Ends at once with SH1941 when the replay differs, and with needs_operator where
  /// nobody may decide alone (SH1942) or a step kills its engine again and again (SH1943).
  Ending resume(std::vector<store::Entry> entries, Body body);

  /// Goes on with a run that cannot be replayed: performs the hooks it had journaled, without its script.
  Ending roll_back_from(const std::vector<store::Entry>& entries, const Error& why);

  /// Records that the script is ended where nothing can stop it. Called from the watchdog's thread while the loop's own
  /// is inside the script.
  void killed(const Error& why);

  /// Tells it to stop and go back.
  void interrupt(const Error& why);

  /// Looks into the inbox: an abort there is taken.
  void hear() { inbox_.take_abort(); }

  /// Asks people: what `approval.wait` comes to.
  Task<Outcome> ask(Value args) { return inbox_.wait(std::move(args)); }

  bool rolls_back() { return machinery_.guard.facts().rolling_back; }

  /// Adds something to the report of a run that has ended.
  void remark(const std::string& key, Value what);

  /// Runs beside the body until that has ended.
  void beside(std::function<Task<void>()> work) { beside_.push_back(std::move(work)); }

  Machinery& machinery() { return machinery_; }
  Deployment& deployment() { return parts_.deployment; }

 private:
  Task<void> main(Body body);
  Task<void> go_back(Error why, std::string branch);
  Task<Outcome> confirm_restored();
  Task<void> watch_deadline();
  Ending drive(Task<void> task);
  void background(Task<void> task);
  void cancel(Error why);
  void stop_background();
  void stand_still(std::int64_t ms);
  void hear_waiting(bool waiting, const std::string& question, std::int64_t until);

  void end_now(const Error& why, Value report);

  // run_again.cpp
  bool feed();
  bool relive(const store::Entry& entry);
  void come_back();
  std::optional<Error> in_doubt() const;
  std::optional<Error> poisoned(std::int64_t tail) const;
  void begin_life(const Value& about);
  Task<void> look_again(int life, Call call);

  void finish_succeeded(const std::optional<Error>& warning);
  Value tell_costs();
  void finish(const std::string& state, int exit, std::optional<Error> error, Value report);
  void record_success();

  RunParts parts_;
  Machinery machinery_;
  Inbox inbox_;
  Outbox outbox_;
  std::optional<store::Release> release_;
  std::vector<std::function<Task<void>()>> beside_;
  std::list<asio::cancellation_signal> background_;
  int background_open_ = 0;
  std::exception_ptr failure_;  ///< of the body
  bool ended_ = false;
  bool interrupted_ = false;           ///< in this life or an earlier one
  bool interrupted_here_ = false;      ///< in this one
  std::string boot_id_;                ///< of the machine when the run was last seen alive
  Value confirmed_ = Value::object();  ///< service → shares and start time of its proxy, read at the end
  Ending ending_;
};

}  // namespace shunt::deploy
