#include "vm/error_object.hpp"

#include <fmt/format.h>

#include "vm/frozen.hpp"
#include "vm/places.hpp"
#include "vm/state.hpp"
#include "vm/value.hpp"
#include "vm/words.hpp"

namespace shunt::lua {

namespace {

constexpr int deepest_cause = 8;
constexpr std::size_t longest_message = 4000;

void set_text(lua_State* lua, const char* key, std::string_view text) {
  if (text.empty()) return;
  lua_pushlstring(lua, text.data(), text.size());
  lua_setfield(lua, -2, key);
}

void push_class(lua_State* lua) {
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::error_class));
}

/// Raw reads of one table that may hold anything.
class Fields {
 public:
  Fields(lua_State* lua, int index) : lua_(lua), index_(lua_absindex(lua, index)) {}

  int find(const char* wanted) const;
  std::string text(const char* key) const;
  int whole(const char* key) const;
  bool flag(const char* key) const;

 private:
  lua_State* lua_;
  int index_;
};

// Pushes the value of `wanted`, or nil, and returns its type. Goes through the table instead of asking for the key,
// because making the key's string could raise.
int Fields::find(const char* wanted) const {
  std::int64_t keys = 0;
  int type = LUA_TNIL;
  lua_pushnil(lua_);
  while (lua_next(lua_, index_) != 0) {
    ++keys;
    if (lua_type(lua_, -2) == LUA_TSTRING && lua_tostring(lua_, -2) == std::string_view(wanted)) {
      lua_remove(lua_, -2);
      type = lua_type(lua_, -1);
      break;
    }
    lua_pop(lua_, 1);
  }
  if (type == LUA_TNIL) lua_pushnil(lua_);
  charge(lua_, keys);
  return type;
}

std::string Fields::text(const char* key) const {
  std::string text;
  if (find(key) == LUA_TSTRING) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua_, -1, &size);
    text.assign(bytes, std::min(size, longest_message));
  }
  lua_pop(lua_, 1);
  return text;
}

int Fields::whole(const char* key) const {
  const int number = find(key) == LUA_TNUMBER ? static_cast<int>(lua_tointeger(lua_, -1)) : 0;
  lua_pop(lua_, 1);
  return number;
}

bool Fields::flag(const char* key) const {
  find(key);
  const bool set = lua_toboolean(lua_, -1) != 0;
  lua_pop(lua_, 1);
  return set;
}

Error read_object(lua_State* lua, int index, int depth) {
  index = lua_absindex(lua, index);
  const Fields fields(lua, index);
  Error error(fields.text("code"), kind_named(fields.text("kind")), fields.text("message"), fields.text("remedy"));
  if (error.code.empty()) error.code = "SH1201";
  if (error.message.empty()) error.message = "the script raised an error without a message";
  error.traceback = fields.text("traceback");
  error.step = fields.text("step");
  error.retryable = fields.flag("retryable");
  if (lua_checkstack(lua, 8) == 0 || depth > deepest_cause) return error;
  if (fields.find("where") == LUA_TTABLE) {
    const Fields where(lua, -1);
    error.where = Where{where.text("file"), where.whole("line")};
  }
  lua_pop(lua, 1);
  fields.find("evidence");
  if (auto evidence = to_value(lua, -1, "evidence")) error.evidence = std::move(*evidence);
  lua_pop(lua, 1);
  if (fields.find("cause") == LUA_TTABLE) error.cause = std::make_shared<const Error>(read_object(lua, -1, depth + 1));
  lua_pop(lua, 1);
  return error;
}

// "deploy.lua:12: attempt to ..." → "attempt to ...": the place is kept apart.
std::string_view without_place(lua_State* thread, std::string_view message) {
  lua_Debug record{};
  for (int level = 0; lua_getstack(thread, level, &record) != 0; ++level) {
    lua_getinfo(thread, "Sl", &record);
    if (record.currentline <= 0) continue;
    const std::string place = fmt::format("{}:{}: ", record.short_src, record.currentline);
    if (message.starts_with(place)) message.remove_prefix(place.size());
    break;
  }
  return message;
}

Error described_text(lua_State* thread, std::string_view raw) {
  auto plain = plain_words(without_place(thread, raw));
  return {"SH1202", Kind::script, std::move(plain.message), std::move(plain.remedy)};
}

Error described_table(lua_State* thread, int index) {
  Error error = read_object(thread, index, 1);
  if (error.evidence.is_null())
    if (auto evidence = to_value(thread, index, "the error")) error.evidence = std::move(*evidence);
  return error;
}

}  // namespace

bool is_error_object(lua_State* lua, int index) {
  if (lua_type(lua, index) != LUA_TTABLE || lua_getmetatable(lua, index) == 0) return false;
  push_class(lua);
  const bool same = lua_rawequal(lua, -1, -2) != 0;
  lua_pop(lua, 2);
  return same;
}

void push_error(lua_State* lua, const Error& error) {
  luaL_checkstack(lua, 8, "the error has too many causes");
  lua_createtable(lua, 0, 8);
  set_text(lua, "code", error.code);
  set_text(lua, "message", error.message);
  set_text(lua, "kind", name_of(error.kind));
  set_text(lua, "remedy", error.remedy);
  set_text(lua, "traceback", error.traceback);
  set_text(lua, "step", error.step);
  lua_pushboolean(lua, error.retryable ? 1 : 0);
  lua_setfield(lua, -2, "retryable");
  lua_createtable(lua, 0, 2);
  set_text(lua, "file", error.where.file);
  lua_pushinteger(lua, error.where.line);
  lua_setfield(lua, -2, "line");
  lua_setfield(lua, -2, "where");
  push_value(lua, error.evidence);
  lua_setfield(lua, -2, "evidence");
  if (error.cause) {
    push_error(lua, *error.cause);
    lua_setfield(lua, -2, "cause");
  }
  push_class(lua);
  lua_setmetatable(lua, -2);
}

Error error_of(lua_State* thread, int index) {
  index = lua_absindex(thread, index);
  Error error("SH1201", Kind::script, "");
  if (lua_checkstack(thread, 16) == 0) {
    error.message = "functions call each other too deeply";
  } else if (is_error_object(thread, index)) {
    error = read_object(thread, index, 1);
  } else if (lua_type(thread, index) == LUA_TSTRING) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(thread, index, &size);
    error = described_text(thread, {bytes, size});
  } else if (lua_type(thread, index) == LUA_TTABLE) {
    error = described_table(thread, index);
  } else {
    error.message = fmt::format("the script raised {} as an error", described(thread, index));
  }
  if (error.where.file.empty()) error.where = author_place(thread);
  if (error.traceback.empty()) error.traceback = author_traceback(thread);
  return error;
}

Error raised_error(lua_State* lua, int index, int level) {
  Error error("SH1201", Kind::script, "");
  if (lua_type(lua, index) == LUA_TSTRING) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua, index, &size);
    error.message.assign(bytes, std::min(size, longest_message));
    error.where = author_place(lua, level);
    error.traceback = author_traceback(lua);
    return error;
  }
  if (lua_type(lua, index) != LUA_TTABLE) return error_of(lua, index);
  error = described_table(lua, index);
  if (error.where.file.empty()) error.where = author_place(lua, level);
  if (error.traceback.empty()) error.traceback = author_traceback(lua);
  return error;
}

int raise(lua_State* lua) {
  State& state = State::of(lua);
  if (state.outbox.error->where.file.empty()) state.outbox.error->where = author_place(lua);
  if (state.outbox.error->traceback.empty()) state.outbox.error->traceback = author_traceback(lua);
  push_error(lua, *state.outbox.error);
  state.outbox.error.reset();
  return lua_error(lua);
}

int raise(lua_State* lua, const char* code, const char* message, const char* remedy) {
  State::of(lua).outbox.error = Error(code, Kind::script, message, remedy);
  return raise(lua);
}

int describe_error(lua_State* lua) {
  State& state = State::of(lua);
  if (state.doomed() || lua_type(lua, 1) == LUA_TLIGHTUSERDATA || is_error_object(lua, 1)) return 1;
  state.outbox.error = error_of(lua, 1);
  push_raised(lua, 1);
  return 1;
}

void push_raised(lua_State* lua, int raised) {
  State& state = State::of(lua);
  push_error(lua, *state.outbox.error);
  state.outbox.error.reset();
  if (lua_type(lua, raised) != LUA_TTABLE) return;
  lua_pushliteral(lua, "evidence");
  if (lua_rawget(lua, raised) == LUA_TNIL) lua_copy(lua, raised, -1);
  lua_setfield(lua, -2, "evidence");
}

namespace {

// "deploy.lua:12: message (SH1203)", from whatever the fields are now.
int error_to_string(lua_State* lua) {
  if (!is_error_object(lua, 1)) return raise(lua, "SH1207", "this function prints errors only");
  State::of(lua).outbox.text = to_line(read_object(lua, 1, 1));
  lua_pushlstring(lua, State::of(lua).outbox.text.data(), State::of(lua).outbox.text.size());
  return 1;
}

// "could not start: " .. problem
int error_concat(lua_State* lua) {
  for (int index = 1; index <= 2; ++index) {
    if (!is_error_object(lua, index)) continue;
    State::of(lua).outbox.text = to_line(read_object(lua, index, 1));
    lua_pushlstring(lua, State::of(lua).outbox.text.data(), State::of(lua).outbox.text.size());
    lua_replace(lua, index);
  }
  for (int index = 1; index <= 2; ++index)
    if (lua_type(lua, index) != LUA_TSTRING && lua_type(lua, index) != LUA_TNUMBER)
      return raise(lua, "SH1202", "an error can be joined to strings and numbers only",
                   "use tostring(...) on the other value");
  lua_settop(lua, 2);
  lua_concat(lua, 2);
  return 1;
}

}  // namespace

void open_errors(lua_State* lua) {
  lua_createtable(lua, 0, 4);
  lua_pushcfunction(lua, &error_to_string);
  lua_setfield(lua, -2, "__tostring");
  lua_pushcfunction(lua, &error_concat);
  lua_setfield(lua, -2, "__concat");
  lua_pushliteral(lua, "error");
  lua_setfield(lua, -2, "__metatable");
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key_of(Slot::error_class));
}

}  // namespace shunt::lua
