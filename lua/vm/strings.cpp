#include "vm/strings.hpp"

#include <algorithm>
#include <array>

#include "vm/error_object.hpp"
#include "vm/state.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

constexpr std::int64_t bytes_per_instruction = 16;
constexpr lua_Integer most_bytes = 10'000;

std::int64_t cost(std::size_t bytes) {
  return static_cast<std::int64_t>(bytes) / bytes_per_instruction;
}

char lowered(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}
char raised(char byte) {
  return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte;
}

Answer too_long(const Arguments& in) {
  return in.fail("SH1208", "the string would be longer than 1 MiB", "keep less text");
}

Answer string_len(Arguments& in) {
  const auto text = in.text(1);
  if (in.wrong()) return in.complaint();
  lua_pushinteger(in.lua(), static_cast<lua_Integer>(text.size()));
  return in.results(1);
}

Answer string_sub(Arguments& in) {
  const auto text = in.text(1);
  const auto first = in.whole(2);
  const auto last = in.whole_or(3, -1);
  if (in.wrong()) return in.complaint();
  const auto begin = std::max<lua_Integer>(from_start(first, text.size()), 1);
  const auto end = std::min(from_start(last, text.size()), static_cast<lua_Integer>(text.size()));
  if (begin > end) return in.text_result("");
  if (end - begin >= static_cast<lua_Integer>(longest_string)) return too_long(in);
  return in.text_result(
      std::string(text.substr(static_cast<std::size_t>(begin - 1), static_cast<std::size_t>(end - begin + 1))));
}

template <char (*change)(char)>
Answer changed(Arguments& in) {
  const auto text = in.text(1);
  if (in.wrong()) return in.complaint();
  if (text.size() > longest_string) return too_long(in);
  if (!in.spend(cost(text.size()))) return in.stop();
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), change);
  return in.text_result(std::move(result));
}

Answer string_reverse(Arguments& in) {
  const auto text = in.text(1);
  if (in.wrong()) return in.complaint();
  if (text.size() > longest_string) return too_long(in);
  if (!in.spend(cost(text.size()))) return in.stop();
  return in.text_result(std::string(text.rbegin(), text.rend()));
}

Answer string_rep(Arguments& in) {
  const auto text = in.text(1);
  const auto count = in.whole(2);
  const auto separator = in.text_or(3, "");
  if (in.wrong()) return in.complaint();
  const std::size_t unit = text.size() + separator.size();
  if (count <= 0 || unit == 0) return in.text_result("");
  const auto times = static_cast<std::size_t>(count);
  if (unit > longest_string || times > longest_string / unit + 1) return too_long(in);
  const std::size_t size = times * unit - separator.size();
  if (size > longest_string) return too_long(in);
  if (!in.spend(cost(size) + count / 4)) return in.stop();
  std::string result;
  result.reserve(size);
  for (std::size_t i = 0; i < times; ++i) {
    if (i > 0) result += separator;
    result += text;
  }
  return in.text_result(std::move(result));
}

Answer string_byte(Arguments& in) {
  const auto text = in.text(1);
  const auto first = from_start(in.whole_or(2, 1), text.size());
  const auto begin = std::max<lua_Integer>(first, 1);
  const auto end =
      std::min(in.absent(3) ? first : from_start(in.whole(3), text.size()), static_cast<lua_Integer>(text.size()));
  if (in.wrong()) return in.complaint();
  if (begin > end) return in.results(0);
  const lua_Integer count = end - begin + 1;
  if (count > most_bytes || lua_checkstack(in.lua(), static_cast<int>(count)) == 0)
    return in.fail("SH1208", "string.byte gives at most 10,000 bytes at once", "go through the string in parts");
  for (lua_Integer i = begin; i <= end; ++i)
    lua_pushinteger(in.lua(), static_cast<unsigned char>(text[static_cast<std::size_t>(i - 1)]));
  return in.results(static_cast<int>(count));
}

Answer string_char(Arguments& in) {
  std::string result;
  for (int i = 1; i <= in.count(); ++i) {
    int fits = 0;
    const auto code = lua_tointegerx(in.lua(), i, &fits);
    if (fits == 0 || code < 0 || code > 255) {
      in.refuse(i, "a whole number from 0 to 255");
      return in.complaint();
    }
    result += static_cast<char>(static_cast<unsigned char>(code));
  }
  return in.text_result(std::move(result));
}

// Lua's own rule for "10" + 1: strings that are numbers count as numbers.
template <int operation>
int arithmetic(lua_State* lua) {
  lua_settop(lua, 2);
  for (int index = 1; index <= 2; ++index) {
    if (lua_type(lua, index) == LUA_TNUMBER) continue;
    std::size_t size = 0;
    const char* bytes = lua_type(lua, index) == LUA_TSTRING ? lua_tolstring(lua, index, &size) : nullptr;
    if (bytes == nullptr || lua_stringtonumber(lua, bytes) != size + 1) {
      State::of(lua).outbox.error = Error("SH1202", Kind::script, described(lua, index) + " cannot be calculated with",
                                          "use tonumber(...) and check it");
      return raise(lua);
    }
    lua_replace(lua, index);
  }
  if (operation == LUA_OPUNM) lua_settop(lua, 1);
  lua_arith(lua, operation);
  return 1;
}

}  // namespace

lua_Integer from_start(lua_Integer position, std::size_t size) {
  if (position >= 0) return position;
  const auto length = static_cast<lua_Integer>(size);
  return position < -length ? 0 : length + position + 1;
}

Bindings string_bindings() {
  static constexpr Binding bindings[] = {
      {"string.len", &string_len},         {"string.sub", &string_sub},   {"string.upper", &changed<raised>},
      {"string.lower", &changed<lowered>}, {"string.rep", &string_rep},   {"string.reverse", &string_reverse},
      {"string.byte", &string_byte},       {"string.char", &string_char},
  };
  return bindings;
}

void push_string_module(lua_State* lua) {
  push_bindings(lua, string_bindings());
  for (const Bindings more : {matching_bindings(), format_bindings()}) {
    for (const Binding& binding : more) {
      push_binding(lua, binding);
      lua_setfield(lua, -2, binding.name + std::string_view("string.").size());
    }
  }
}

void open_string_methods(lua_State* lua) {
  static constexpr std::array<luaL_Reg, 8> operations = {{{"__add", &arithmetic<LUA_OPADD>},
                                                          {"__sub", &arithmetic<LUA_OPSUB>},
                                                          {"__mul", &arithmetic<LUA_OPMUL>},
                                                          {"__div", &arithmetic<LUA_OPDIV>},
                                                          {"__mod", &arithmetic<LUA_OPMOD>},
                                                          {"__pow", &arithmetic<LUA_OPPOW>},
                                                          {"__idiv", &arithmetic<LUA_OPIDIV>},
                                                          {"__unm", &arithmetic<LUA_OPUNM>}}};
  lua_createtable(lua, 0, 10);
  for (const auto& operation : operations) {
    lua_pushcfunction(lua, operation.func);
    lua_setfield(lua, -2, operation.name);
  }
  lua_pushvalue(lua, -2);
  lua_setfield(lua, -2, "__index");
  lua_pushliteral(lua, "string");
  lua_setfield(lua, -2, "__metatable");
  lua_pushliteral(lua, "");
  lua_pushvalue(lua, -2);
  lua_setmetatable(lua, -2);
  lua_pop(lua, 2);
}

}  // namespace shunt::lua
