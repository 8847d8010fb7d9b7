#include "vm/branches.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>

#include "vm/error_object.hpp"
#include "vm/places.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

Error ended_with_its_fork() {
  Error error("SH1216", Kind::cancelled, "another function of the same task has decided it");
  error.control = true;
  return error;
}

/// The children of one fork, from their start until all are joined.
class Group {
 public:
  Group(State* state, Branch* parent, Performer* performer) : state_(state), parent_(parent) {
    const auto& threads = parent->fork->children;
    performers_ = performer->split(threads.size());
    for (lua_State* thread : threads) {
      auto child = std::make_unique<Child>();
      child->branch.thread = thread;
      child->branch.parent = parent;
      child->branch.depth = parent->depth + 1;
      child->branch.origin = place_of_function(thread, -1);
      children_.push_back(std::move(child));
    }
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  Task<void> join();

  /// The control error that ends the parent too, if a child ended with one of its own.
  std::optional<Error> control;

 private:
  struct Child {
    Branch branch;
    asio::cancellation_signal cancelled;
    bool ended = false;
  };

  /// How the parent goes on. The children's completions own it, and with it the parent: when they are destroyed without
  /// having run (the loop has ended), so is the parent.
  struct Continuation {
    std::function<void()> resume;
  };

  /// Told by the completion of a child.
  struct Ended {
    Group* group;
    std::shared_ptr<Continuation> continuation;
    Ended(Group* group, std::shared_ptr<Continuation> continuation)
        : group(group), continuation(std::move(continuation)) {}
    void operator()(std::exception_ptr exception) const {
      group->joined(std::move(exception));
      if (group->joined_ == group->children_.size() && continuation->resume)
        std::exchange(continuation->resume, nullptr)();
    }
  };

  /// Suspends the parent until the last child is joined.
  struct Suspend {
    Group* group;
    std::weak_ptr<Continuation> continuation;
    Suspend(Group* group, std::weak_ptr<Continuation> continuation)
        : group(group), continuation(std::move(continuation)) {}
    template <typename Handler>
    void operator()(Handler handler) const {
      auto slot = asio::get_associated_cancellation_slot(handler);
      if (slot.is_connected()) slot.assign([group = group](asio::cancellation_type type) { group->interrupt(type); });
      auto kept = std::make_shared<Handler>(std::move(handler));
      if (const auto owner = continuation.lock()) owner->resume = [kept] { std::move (*kept)(); };
    }
  };

  Task<void> run(std::size_t index);
  void decide(std::size_t index, Outcome outcome);
  void cancel_others();
  void joined(std::exception_ptr exception);
  void interrupt(asio::cancellation_type type);

  State* state_;
  Branch* parent_;
  std::vector<std::unique_ptr<Performer>> performers_;
  std::vector<std::unique_ptr<Child>> children_;
  std::size_t joined_ = 0;
  bool decided_ = false;
  std::exception_ptr exception_;
};

Task<void> Group::run(std::size_t index) {
  Child& child = *children_[index];
  if (child.branch.abandoned()) {
    child.ended = true;
    co_return;
  }
  auto outcome = co_await drive(state_, &child.branch, performers_[index].get(), 0);
  child.ended = true;
  decide(index, std::move(outcome));
}

// Called in the order in which children end, which follows from the order of deliveries.
void Group::decide(std::size_t index, Outcome outcome) {
  if (children_[index]->branch.abandoned()) return;
  if (outcome.error && outcome.error->control) {
    if (!control) control = std::move(outcome.error);
    decided_ = true;
    cancel_others();
    return;
  }
  Fork& fork = *parent_->fork;
  const bool decides = outcome.error || fork.kind == Fork::Kind::race;
  if (decided_ || !decides) return;
  decided_ = true;
  fork.decided_by = index;
  fork.failure = std::move(outcome.error);
  cancel_others();
}

void Group::cancel_others() {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    Child& child = *children_[i];
    if (child.ended || child.branch.lost) continue;
    child.branch.lost = true;
    performers_[i]->cancel();
  }
}

void Group::joined(std::exception_ptr exception) {
  if (exception && !exception_) {
    exception_ = std::move(exception);
    cancel_others();
  }
  ++joined_;
}

void Group::interrupt(asio::cancellation_type type) {
  for (const auto& child : children_) child->cancelled.emit(type);
}

Task<void> Group::join() {
  const auto executor = co_await asio::this_coro::executor;
  auto continuation = std::make_shared<Continuation>();
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto slot = children_[i]->cancelled.slot();
    asio::co_spawn(executor, run(i), asio::bind_cancellation_slot(slot, Ended(this, continuation)));
  }
  const Suspend suspend(this, continuation);
  continuation.reset();
  if (joined_ < children_.size()) {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(suspend, asio::use_awaitable);
  }
  if (exception_) std::rethrow_exception(exception_);
}

// Joins the children of the fork that `branch` waits for. An error is a control error that ends it too.
Task<Outcome> run_fork(State* state, Branch* branch, Performer* performer) {
  auto group = std::make_unique<Group>(state, branch, performer);
  co_await group->join();
  Outcome outcome;
  outcome.error = std::move(group->control);
  co_return outcome;
}

Outcome given(Outcome outcome) {
  outcome.value = decode(encode(outcome.value));
  return outcome;
}

}  // namespace

Task<Outcome> drive(State* state, Branch* branch, Performer* performer, int arguments) {
  for (Step step = state->resume(*branch, arguments);; step = state->resume(*branch)) {
    if (step == Step::ended) co_return Outcome();
    if (step == Step::failed) co_return Outcome(*branch->failure);
    if (step == Step::doomed) co_return Outcome(state->verdict());
    if (step == Step::performs) {
      Call call = std::move(branch->call);
      auto outcome = co_await performer->perform(std::move(call));
      if (outcome.error && outcome.error->control) co_return outcome;
      branch->answer = given(std::move(outcome));
      state->budget().renew();
    } else {
      auto outcome = co_await run_fork(state, branch, performer);
      if (outcome.error) co_return outcome;
    }
    if (branch->abandoned()) co_return Outcome(ended_with_its_fork());
  }
}

namespace {

int give_race(lua_State* lua, const Fork& fork) {
  lua_State* winner = fork.children[fork.decided_by];
  lua_pushinteger(lua, static_cast<lua_Integer>(fork.decided_by) + 1);
  if (lua_gettop(winner) == 0) return 1;
  lua_pushvalue(winner, 1);
  lua_xmove(winner, lua, 1);
  return 2;
}

int give_all(lua_State* lua, const Fork& fork) {
  lua_createtable(lua, static_cast<int>(fork.children.size()), 0);
  lua_Integer index = 0;
  for (lua_State* child : fork.children) {
    ++index;
    if (lua_gettop(child) == 0) continue;
    lua_pushvalue(child, 1);
    lua_xmove(child, lua, 1);
    lua_rawseti(lua, -2, index);
  }
  return 1;
}

// The children's threads live in the table at index 3 of the forking function.
int after_fork(lua_State* lua, int, lua_KContext) {
  set_waiting(lua, false);
  State& state = State::of(lua);
  Fork& fork = *state.branch->fork;
  if (fork.failure) {
    state.outbox.error = std::move(fork.failure);
    state.branch->fork.reset();
    return raise(lua);
  }
  const int results = fork.kind == Fork::Kind::race ? give_race(lua, fork) : give_all(lua, fork);
  state.branch->fork.reset();
  return results;
}

int too_many(lua_State* lua) {
  return raise(lua, "SH1213", "too many functions at the same time", "run them in groups, one after the other");
}

// Pushes a table with one new thread for each function in the list at index 2. 0 when the script is over its limit.
bool push_children(lua_State* lua, lua_Integer count) {
  lua_createtable(lua, static_cast<int>(count), 0);
  for (lua_Integer i = 1; i <= count; ++i) {
    if (!State::of(lua).spend(hook_period)) return false;
    lua_State* thread = lua_newthread(lua);
    lua_rawgeti(lua, 2, i);
    lua_xmove(lua, thread, 1);
    lua_rawseti(lua, -2, i);
  }
  return true;
}

// Reads the table of threads at the top of the stack; raises nothing.
Fork fork_of(lua_State* lua, Fork::Kind kind, lua_Integer count) {
  Fork fork;
  fork.kind = kind;
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(lua, -1, i);
    fork.children.push_back(lua_tothread(lua, -1));
    lua_pop(lua, 1);
  }
  return fork;
}

}  // namespace

int fork(lua_State* lua) {
  State& state = State::of(lua);
  const char* kind = lua_tostring(lua, 1);
  const bool race = kind != nullptr && kind == std::string_view("race");
  const char* wanted = race ? "task.race wants a list of functions" : "task.all wants a list of functions";
  if (!lua_istable(lua, 2)) return raise(lua, "SH1207", wanted);
  lua_settop(lua, 2);
  const auto count = static_cast<lua_Integer>(lua_rawlen(lua, 2));
  if (count > most_children) return too_many(lua);
  for (lua_Integer i = 1; i <= count; ++i)
    if (lua_rawgeti(lua, 2, i) != LUA_TFUNCTION) return raise(lua, "SH1207", wanted);
  lua_settop(lua, 2);
  if (state.doomed()) return stop(lua);
  if (state.phase == Phase::load)
    return raise(lua, "SH1109", "nothing may be done while the file is loaded, only inside the function 'run'",
                 "move the call into the function");
  if (count == 0 && race) return raise(lua, "SH1213", "task.race needs at least one function", "give it one");
  if (count == 0) {
    lua_createtable(lua, 0, 0);
    return 1;
  }
  if (state.branch->depth >= deepest_fork)
    return raise(lua, "SH1213", "tasks start each other too deeply", "look for a function that starts itself");
  if (!can_wait(lua))
    return raise(lua, "SH1205",
                 "this call waits, and nothing can wait inside a function that is called from gsub or tostring",
                 "make the call outside, and use its result there");
  if (!push_children(lua, count)) return stop(lua);
  state.branch->fork = fork_of(lua, race ? Fork::Kind::race : Fork::Kind::all, count);
  set_waiting(lua, true);
  lua_pushlightuserdata(lua, wait_signal());
  return lua_yieldk(lua, 1, 0, &after_fork);
}

}  // namespace shunt::lua
