// One Lua state: who owns it, what it may use, and how the host makes it run.
#pragma once

#include <cstdint>
#include <deque>
#include <lua.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "shunt/call.hpp"
#include "shunt/script.hpp"
#include "vm/budget.hpp"
#include "vm/covered.hpp"
#include "vm/watchdog.hpp"

namespace shunt::lua {

class Loader;

/// LOAD evaluates files and may not perform; RUN may.
enum class Phase { load, run };

/// Why the host got control back.
enum class Step {
  ended,     ///< the function returned
  failed,    ///< it raised; see Branch::failure
  performs,  ///< see Branch::call; resume when Branch::answer holds the outcome
  forks,     ///< see Branch::fork; resume when its children are joined
  doomed,    ///< over a limit; no Lua may run any more
};

/// Functions that run at the same time.
struct Fork {
  enum class Kind { all, race };

  Kind kind = Kind::all;
  std::vector<lua_State*> children;  ///< each with its function on the stack; kept alive by the forking function
  std::size_t decided_by = 0;        ///< the child that won the race or failed first
  std::optional<Error> failure;      ///< what it failed with
};

/// One line of execution: the script's main one, or a child of a fork. Belongs to the C++ coroutine that drives it.
struct Branch {
  lua_State* thread = nullptr;
  Branch* parent = nullptr;
  int depth = 0;  ///< how many forks it lies below
  Where origin;   ///< where its function stands, for errors that no line of it can be blamed for
  Call call;      ///< what it waits for
  Outcome answer;
  std::optional<Fork> fork;
  std::optional<Error> failure;
  bool lost = false;  ///< somebody else decided the fork: it must not run on

  Branch() = default;

  /// Whether it, or one that it lies below, has lost.
  bool abandoned() const { return lost || (parent != nullptr && parent->abandoned()); }
};

/// A script's own coroutine that is being resumed; they form a list from the innermost outwards.
struct Resumer {
  lua_State* outer;
  lua_State* inner;
  Resumer* previous;
};

/// What a binding leaves behind for the trampoline to push once its own C++ objects are gone.
struct Outbox {
  Value value;
  std::string text;
  std::optional<Error> error;
  Call call;
};

/// A fresh Lua state with its limits. Loop thread only.
class State {
 public:
  State(ScriptLimits limits, Watchdog& watchdog);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static State& of(lua_State* lua);

  lua_State* lua() const { return lua_; }

  /// Runs `branch` until it ends, fails or waits. The first time, `arguments` values and below them the function lie on
  /// its stack.
  Step resume(Branch& branch, int arguments = 0);

  /// Charges work that the instruction count does not see. False: the script is over a limit, and the caller must
  /// `stop` it.
  bool spend(std::int64_t instructions);

  /// Whether no Lua may run any more.
  bool doomed() const { return doom_ != Doom::none || memory_.exceeded(); }

  /// Whether the error that is being raised comes from the hook: then hooks are off, and no handler of the script may
  /// run.
  bool raised_by_hook() const { return raised_by_hook_; }

  /// The control error that says why; `doomed()` must be true.
  Error verdict() const;

  /// From now on with the limits of RUN.
  void enter_run();

  /// While it lives the host does something slow on behalf of the script, such as reading a file: neither the script's
  /// time nor the watchdog's runs.
  class Outside {
   public:
    explicit Outside(State& state) : state_(state) { state_.end_slice(); }
    ~Outside() { state_.begin_slice(); }
    Outside(const Outside&) = delete;
    Outside& operator=(const Outside&) = delete;

   private:
    State& state_;
  };

  Covered& covered() { return covered_; }
  Memory& memory() { return memory_; }
  Budget& budget() { return budget_; }
  const ScriptLimits& limits() const { return limits_; }

  /// A number for a table, function or thread that is printed: its address must not show.
  std::int64_t next_ordinal() { return ++ordinals_; }

  Phase phase = Phase::load;
  std::string file;            ///< the file that is being loaded, for the watchdog's message
  Branch* branch = nullptr;    ///< the one that runs
  Resumer* resumer = nullptr;  ///< the innermost coroutine of its own that it runs in
  Loader* loader = nullptr;
  Outbox outbox;

 private:
  friend int stop(lua_State* lua);
  static void on_count(lua_State* lua, lua_Debug* record);
  void note_place(lua_State* lua);
  void begin_slice();
  void end_slice();

  ScriptLimits limits_;
  Watchdog& watchdog_;
  std::function<void()> stuck_;
  Covered covered_;
  Memory memory_;
  Budget budget_;
  Doom doom_ = Doom::none;
  Where doomed_at_;
  bool raised_by_hook_ = false;
  std::int64_t ordinals_ = 0;
  lua_State* lua_;
};

/// How much one hook call, and the creation of a coroutine, counts for.
constexpr int hook_period = 1000;

/// The most that LOAD may take.
constexpr Milliseconds load_wall{500};

/// Ends the script from inside a binding of a doomed state: it never comes back to Lua. Use as `return stop(lua);` with
/// no C++ owner alive.
int stop(lua_State* lua);

/// Charges work from where no script can be stopped: when one is running, and it is over a limit now, it ends at the
/// next place where that is possible.
void charge(lua_State* lua, std::int64_t instructions);

/// For a Lua state that no script runs in, and that has no State.
void set_stateless(lua_State* lua);

/// Whether a perform could reach the host from here: no C function that cannot wait lies between.
bool can_wait(lua_State* lua);

/// Marks a thread that lies on the way of a perform which waits for its answer: nobody may resume or close it
/// meanwhile.
void set_waiting(lua_State* thread, bool waiting);
bool is_waiting(lua_State* thread);

/// The value with which a perform or a fork reaches the host through every resume: no script can make one.
void* wait_signal();

/// Keys of the registry.
enum class Slot {
  error_class,   ///< the metatable of error objects
  frozen,        ///< in a metatable: the table that a read-only view shows
  original,      ///< in a private metatable: the one that the script gave
  snapshots,     ///< metatable → its private copy
  ordinals,      ///< object → its number
  object_class,  ///< in a metatable: the class of an object
  environment,   ///< the globals that scripts see
  natives,       ///< functions for our own library only
  undo,          ///< name → function given to on_rollback
  null,          ///< json.null
  run,           ///< the function `run` of the strategy
  results,       ///< file → what it returned
  kept,          ///< functions that a test file gave, in order: { kind, name, fn }
  count
};
void* key_of(Slot slot);

}  // namespace shunt::lua
