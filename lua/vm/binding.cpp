#include "vm/binding.hpp"

#include <fmt/format.h>
#include <array>

#include "vm/error_object.hpp"
#include "vm/places.hpp"
#include "vm/state.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

Error wrong_argument(lua_State* lua, const char* function, int index, const char* wanted) {
  static constexpr std::array<const char*, 4> ordinals = {"first", "second", "third", "fourth"};
  const std::string which = index <= 4 ? ordinals.at(static_cast<std::size_t>(index - 1)) : fmt::format("{}th", index);
  return {"SH1207", Kind::script,
          fmt::format("{} wants {} as its {} argument, got {}", function, wanted, which, described(lua, index)), ""};
}

int after_perform(lua_State* lua, int, lua_KContext) {
  set_waiting(lua, false);
  Outcome& answer = State::of(lua).branch->answer;
  if (answer.error) {
    State::of(lua).outbox.error = std::move(answer.error);
    answer.error.reset();
    return raise(lua);
  }
  push_value(lua, answer.value);
  answer.value = nullptr;
  return 1;
}

int push_text(lua_State* lua) {
  std::string& text = State::of(lua).outbox.text;
  if (text.size() > longest_string)
    return raise(lua, "SH1208", "the string would be longer than 1 MiB", "keep less text");
  lua_pushlstring(lua, text.data(), text.size());
  text.clear();
  return 1;
}

// Upvalue 1: the Binding.
int trampoline(lua_State* lua) {
  const auto& binding = *static_cast<const Binding*>(lua_touserdata(lua, lua_upvalueindex(1)));
  if (binding.direct != nullptr) return binding.direct(lua);
  Arguments arguments(lua, binding.name);
  return deliver(lua, binding.answer(arguments));
}

}  // namespace

int deliver(lua_State* lua, Answer answer) {
  State& state = State::of(lua);
  switch (answer.kind) {
    case Answer::Kind::results:
      return answer.count;
    case Answer::Kind::text:
      return push_text(lua);
    case Answer::Kind::value:
      push_value(lua, state.outbox.value);
      state.outbox.value = nullptr;
      return 1;
    case Answer::Kind::failure:
      return raise(lua);
    case Answer::Kind::stop:
      return stop(lua);
    case Answer::Kind::perform:
      return perform(lua);
  }
  return 0;
}

void push_binding(lua_State* lua, const Binding& binding) {
  lua_pushlightuserdata(lua, const_cast<Binding*>(&binding));
  lua_pushcclosure(lua, &trampoline, 1);
}

void push_bindings(lua_State* lua, Bindings bindings) {
  lua_createtable(lua, 0, static_cast<int>(bindings.size()));
  for (const Binding& binding : bindings) {
    const std::string_view name = binding.name;
    const auto dot = name.rfind('.');
    push_binding(lua, binding);
    lua_setfield(lua, -2, name.substr(dot == std::string_view::npos ? 0 : dot + 1).data());
  }
}

int perform(lua_State* lua) {
  State& state = State::of(lua);
  if (state.doomed()) return stop(lua);
  if (state.phase == Phase::load)
    return raise(lua, "SH1109", "nothing may be done while the file is loaded, only inside the function 'run'",
                 "move the call into the function");
  if (!can_wait(lua))
    return raise(lua, "SH1205",
                 "this call waits, and nothing can wait inside a function that is called from gsub, tostring or sort",
                 "make the call outside, and use its result there");
  state.branch->call = std::move(state.outbox.call);
  state.branch->call.where = author_place(lua);
  if (state.branch->call.where.file.empty()) state.branch->call.where = state.branch->origin;
  set_waiting(lua, true);
  lua_pushlightuserdata(lua, wait_signal());
  return lua_yieldk(lua, 1, 0, &after_perform);
}

int refuse_argument(lua_State* lua, const char* function, int index, const char* wanted) {
  State::of(lua).outbox.error = wrong_argument(lua, function, index, wanted);
  return raise(lua);
}

void Arguments::refuse(int index, const char* wanted) {
  if (wrong_ != 0) return;
  wrong_ = index;
  wanted_ = wanted;
}

std::string_view Arguments::text(int index) {
  const int type = lua_type(lua_, index);
  if (type != LUA_TSTRING && type != LUA_TNUMBER) {
    refuse(index, "a string");
    return "";
  }
  std::size_t size = 0;
  const char* bytes = lua_tolstring(lua_, index, &size);
  return {bytes, size};
}

std::string_view Arguments::text_or(int index, std::string_view fallback) {
  return absent(index) ? fallback : text(index);
}

lua_Integer Arguments::whole(int index) {
  int fits = 0;
  const lua_Integer number = lua_tointegerx(lua_, index, &fits);
  if (fits == 0) refuse(index, "a whole number");
  return number;
}

lua_Integer Arguments::whole_or(int index, lua_Integer fallback) {
  return absent(index) ? fallback : whole(index);
}

lua_Number Arguments::number(int index) {
  int fits = 0;
  const lua_Number number = lua_tonumberx(lua_, index, &fits);
  if (fits == 0) refuse(index, "a number");
  return number;
}

void Arguments::table(int index) {
  if (lua_type(lua_, index) != LUA_TTABLE) refuse(index, "a table");
}

void Arguments::function(int index) {
  if (lua_type(lua_, index) != LUA_TFUNCTION) refuse(index, "a function");
}

void Arguments::present(int index) {
  if (lua_isnone(lua_, index)) refuse(index, "a value");
}

Answer Arguments::complaint() const {
  return fail(wrong_argument(lua_, function_, wrong_, wanted_));
}

bool Arguments::spend(std::int64_t instructions) {
  return State::of(lua_).spend(instructions);
}

Answer Arguments::text_result(std::string text) const {
  State::of(lua_).outbox.text = std::move(text);
  return {Answer::Kind::text, 1};
}

Answer Arguments::value(Value value) const {
  State::of(lua_).outbox.value = std::move(value);
  return {Answer::Kind::value, 1};
}

Answer Arguments::fail(const char* code, std::string message, std::string remedy) const {
  return fail(Error(code, Kind::script, std::move(message), std::move(remedy)));
}

Answer Arguments::fail(Error error) const {
  State::of(lua_).outbox.error = std::move(error);
  return {Answer::Kind::failure, 0};
}

Answer Arguments::perform(Call call) const {
  State::of(lua_).outbox.call = std::move(call);
  return {Answer::Kind::perform, 0};
}

}  // namespace shunt::lua
