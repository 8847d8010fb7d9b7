#include "vm/state.hpp"

#include <alloca.h>
#include <fmt/format.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <cstdio>

#include "vm/error_object.hpp"
#include "vm/places.hpp"

namespace shunt::lua {

namespace {

char kill_signal_target;
char wait_signal_target;

/// Lua's extra space of a thread: its State, and whether it waits. Copied from the main thread when a thread is made.
struct Extra {
  std::uintptr_t bits;
};

constexpr std::uintptr_t waiting_bit = 1;

constexpr int deepest_calls = 20'000;

Extra& extra_of(lua_State* lua) {
  return *static_cast<Extra*>(lua_getextraspace(lua));
}

// Lua seeds its hashes with, among others, the place on the stack that it is made at. So that what depends on them
// shows, no state of a process is made where the one before was.
lua_State* new_state(Memory& memory) {
  constexpr unsigned places = 61;
  constexpr unsigned apart = 64;
  static std::atomic<unsigned> made{0};
  volatile auto* room = static_cast<char*>(alloca((++made % places + 1) * apart));
  room[0] = 0;
  return lua_newstate(&Memory::allocate, &memory);
}

[[noreturn]] void give_up_loading(const std::string& file) {
  const Error error = Error("SH1112", Kind::script, "loading did not end and cannot be stopped").at({file, 0});
  std::fputs((to_line(error) + "\n").c_str(), stderr);
  ::_exit(2);
}

}  // namespace

void* wait_signal() {
  return &wait_signal_target;
}

void* key_of(Slot slot) {
  static std::array<char, static_cast<std::size_t>(Slot::count)> keys;
  return &keys.at(static_cast<std::size_t>(slot));
}

State::State(ScriptLimits limits, Watchdog& watchdog)
    : limits_(std::move(limits)),
      watchdog_(watchdog),
      stuck_([this] {
        if (phase == Phase::run && limits_.stuck) limits_.stuck();
        if (phase == Phase::load) give_up_loading(file);
      }),
      covered_(limits_.coverage),
      memory_(limits_.memory),
      budget_(limits_.instructions, std::min(limits_.wall, load_wall)),
      lua_(new_state(memory_)) {
  if (lua_ == nullptr) throw std::bad_alloc();
  extra_of(lua_).bits = reinterpret_cast<std::uintptr_t>(this);
  const auto period = std::min<std::int64_t>(hook_period, std::max<std::int64_t>(1, limits_.instructions));
  const int lines = covered_.wanted() ? LUA_MASKLINE : 0;
  lua_sethook(lua_, &State::on_count, LUA_MASKCOUNT | lines, static_cast<int>(period));
}

State::~State() {
  lua_close(lua_);
}

State& State::of(lua_State* lua) {
  return *reinterpret_cast<State*>(extra_of(lua).bits & ~waiting_bit);
}

void set_waiting(lua_State* thread, bool waiting) {
  auto& bits = extra_of(thread).bits;
  bits = waiting ? bits | waiting_bit : bits & ~waiting_bit;
}

bool is_waiting(lua_State* thread) {
  return (extra_of(thread).bits & waiting_bit) != 0;
}

void State::enter_run() {
  phase = Phase::run;
  budget_.limit(limits_.instructions, limits_.wall);
}

bool State::spend(std::int64_t instructions) {
  if (doomed()) return false;
  doom_ = budget_.spend(instructions);
  return doom_ == Doom::none;
}

void State::note_place(lua_State* lua) {
  if (doomed_at_.file.empty()) doomed_at_ = author_place(lua);
}

Error State::verdict() const {
  const auto make = [this](const char* code, std::string message, const char* remedy) {
    Error error(code, Kind::script, std::move(message), remedy);
    error.control = true;
    error.where = doomed_at_.file.empty() ? Where{file, 0} : doomed_at_;
    return error;
  };
  if (memory_.exceeded())
    return make("SH1283", fmt::format("the script needs more than {} MiB of memory", limits_.memory / (1024 * 1024)),
                "keep less in tables and strings, and look for a loop that only collects");
  if (doom_ == Doom::instructions)
    return make("SH1281",
                fmt::format("the script ran {} instructions without waiting for anything", budget_.instructions()),
                "look for a loop that does not end; one that waits for something needs clock.sleep");
  return make("SH1282", fmt::format("the script ran for {} without waiting for anything", to_text(budget_.wall())),
              "look for a loop that does not end; one that waits for something needs clock.sleep");
}

void State::on_count(lua_State* lua, lua_Debug* hooked) {
  State& state = State::of(lua);
  if (hooked->event == LUA_HOOKLINE) {
    state.covered_.reach(lua, hooked);
    return;
  }
  state.raised_by_hook_ = false;
  state.memory_.forget_refusals();
  if (!state.spend(lua_gethookcount(lua))) {
    stop(lua);
    return;
  }
  lua_Debug record{};
  if (lua_getstack(lua, deepest_calls, &record) == 0) return;
  state.raised_by_hook_ = true;
  raise(lua, "SH1202", "functions call each other too deeply", "look for a function that calls itself without an end");
}

// A yield that nobody resumes runs nothing on its way out: no pcall, no handler, no __close. Where no yield is possible
// an error goes out to the next place where one is; pcall, xpcall, resume and wrap pass it on.
int stop(lua_State* lua) {
  State::of(lua).note_place(lua);
  if (lua_isyieldable(lua)) return lua_yield(lua, 0);
  lua_pushlightuserdata(lua, &kill_signal_target);
  return lua_error(lua);
}

void charge(lua_State* lua, std::int64_t instructions) {
  if (extra_of(lua).bits == 0) return;
  State& state = State::of(lua);
  if (state.branch != nullptr) state.spend(instructions);
}

void set_stateless(lua_State* lua) {
  extra_of(lua).bits = 0;
}

bool can_wait(lua_State* lua) {
  if (!lua_isyieldable(lua)) return false;
  for (const Resumer* resumer = State::of(lua).resumer; resumer != nullptr; resumer = resumer->previous)
    if (!lua_isyieldable(resumer->outer)) return false;
  return true;
}

void State::begin_slice() {
  watchdog_.arm(2 * budget_.wall(), stuck_);
  budget_.start();
}

void State::end_slice() {
  budget_.stop();
  watchdog_.disarm();
}

Step State::resume(Branch& next, int arguments) {
  if (doomed()) return Step::doomed;
  branch = &next;
  resumer = nullptr;
  begin_slice();
  int results = 0;
  const int status = lua_resume(next.thread, nullptr, arguments, &results);
  end_slice();
  branch = nullptr;
  if (status == LUA_ERRMEM) memory_.exceed();
  if (doomed()) {
    note_place(next.thread);
    return Step::doomed;
  }
  if (status == LUA_YIELD) {
    lua_pop(next.thread, results);
    return next.fork ? Step::forks : Step::performs;
  }
  set_waiting(next.thread,
              true);  // what it leaves behind belongs to the host; coroutine.running may have shown it to others
  if (status == LUA_OK) return Step::ended;
  next.failure = error_of(next.thread, -1);
  if (next.failure->where.file.empty()) next.failure->where = next.origin;
  return Step::failed;
}

}  // namespace shunt::lua
