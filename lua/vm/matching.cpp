#include <algorithm>
#include <cstring>

#include "vm/error_object.hpp"
#include "vm/pattern.hpp"
#include "vm/printing.hpp"
#include "vm/state.hpp"
#include "vm/strings.hpp"

namespace shunt::lua {

namespace {

constexpr std::size_t bytes_per_instruction = 16;

std::string_view text_at(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* bytes = lua_tolstring(lua, index, &size);
  return {bytes, size};
}

bool is_text(lua_State* lua, int index) {
  return lua_type(lua, index) == LUA_TSTRING || lua_type(lua, index) == LUA_TNUMBER;
}

int stop_exhausted(lua_State* lua) {
  State::of(lua).spend(0);
  return stop(lua);
}

// Ends a search that brought no answer.
int raise_problem(lua_State* lua, const Pattern& pattern, Pattern::Result result) {
  if (result == Pattern::Result::exhausted) return stop_exhausted(lua);
  lua_pushfstring(lua, "the pattern cannot be used: %s", pattern.problem());
  return raise(lua, "SH1215", lua_tostring(lua, -1),
               "to find the text as it is, give string.find a fourth argument, true");
}

int too_long(lua_State* lua) {
  return raise(lua, "SH1208", "the string would be longer than 1 MiB", "keep less text");
}

void push_part(lua_State* lua, std::string_view part) {
  if (part.size() > longest_string) too_long(lua);
  lua_pushlstring(lua, part.data(), part.size());
}

void push_capture(lua_State* lua, const Pattern& pattern, std::string_view subject, int index) {
  if (pattern.captures() == 0) {
    push_part(lua, subject.substr(pattern.begin(), pattern.end() - pattern.begin()));
    return;
  }
  const Capture& capture = pattern.capture(index);
  if (capture.position) {
    lua_pushinteger(lua, static_cast<lua_Integer>(capture.begin) + 1);
  } else {
    push_part(lua, subject.substr(capture.begin, capture.size));
  }
}

int push_captures(lua_State* lua, const Pattern& pattern, std::string_view subject) {
  const int count = std::max(pattern.captures(), 1);
  luaL_checkstack(lua, count, "too many captures");
  for (int i = 0; i < count; ++i) push_capture(lua, pattern, subject, i);
  return count;
}

// memmem takes linear time; a naive search of 16 MB in 32 MB does not end.
int find_plain(lua_State* lua, std::string_view subject, std::string_view wanted, std::size_t begin) {
  const std::size_t rest = subject.size() - begin;
  if (!State::of(lua).spend(static_cast<std::int64_t>((rest + wanted.size()) / bytes_per_instruction)))
    return stop(lua);
  const void* found = memmem(subject.data() + begin, rest, wanted.data(), wanted.size());
  if (found == nullptr) {
    lua_pushnil(lua);
    return 1;
  }
  const auto at = static_cast<const char*>(found) - subject.data();
  lua_pushinteger(lua, at + 1);
  lua_pushinteger(lua, at + static_cast<lua_Integer>(wanted.size()));
  return 2;
}

bool has_magic(std::string_view pattern) {
  return pattern.find_first_of("^$*+?.([%-") != std::string_view::npos;
}

/// What find, match and gmatch begin with.
struct Search {
  std::string_view subject;
  std::string_view pattern;
  std::size_t begin = 0;
  bool possible = true;  ///< false: it begins behind the end
};

// Reads subject, pattern and start; raises what is wrong with them.
Search read_search(lua_State* lua, const char* function) {
  for (int index = 1; index <= 2; ++index)
    if (!is_text(lua, index)) refuse_argument(lua, function, index, "a string");
  if (!lua_isnoneornil(lua, 3) && lua_isinteger(lua, 3) == 0) refuse_argument(lua, function, 3, "a whole number");
  Search search{text_at(lua, 1), text_at(lua, 2)};
  const lua_Integer start = lua_isnoneornil(lua, 3) ? 1 : from_start(lua_tointeger(lua, 3), search.subject.size());
  search.possible = start <= static_cast<lua_Integer>(search.subject.size()) + 1;
  search.begin = start < 1 ? 0 : static_cast<std::size_t>(start - 1);
  return search;
}

int string_find(lua_State* lua) {
  const Search search = read_search(lua, "string.find");
  if (!search.possible) {
    lua_pushnil(lua);
    return 1;
  }
  if (lua_toboolean(lua, 4) != 0 || !has_magic(search.pattern))
    return find_plain(lua, search.subject, search.pattern, search.begin);
  const bool anchored = search.pattern.front() == '^';
  Pattern pattern(search.pattern.substr(anchored ? 1 : 0), search.subject, State::of(lua).budget());
  const auto result = pattern.find_from(search.begin, anchored);
  if (!pattern.settle()) return stop_exhausted(lua);
  if (result == Pattern::Result::no_match) {
    lua_pushnil(lua);
    return 1;
  }
  if (result != Pattern::Result::match) return raise_problem(lua, pattern, result);
  lua_pushinteger(lua, static_cast<lua_Integer>(pattern.begin()) + 1);
  lua_pushinteger(lua, static_cast<lua_Integer>(pattern.end()));
  return pattern.captures() == 0 ? 2 : 2 + push_captures(lua, pattern, search.subject);
}

int string_match(lua_State* lua) {
  const Search search = read_search(lua, "string.match");
  if (!search.possible) {
    lua_pushnil(lua);
    return 1;
  }
  const bool anchored = search.pattern.starts_with('^');
  Pattern pattern(search.pattern.substr(anchored ? 1 : 0), search.subject, State::of(lua).budget());
  const auto result = pattern.find_from(search.begin, anchored);
  if (!pattern.settle()) return stop_exhausted(lua);
  if (result == Pattern::Result::no_match) {
    lua_pushnil(lua);
    return 1;
  }
  if (result != Pattern::Result::match) return raise_problem(lua, pattern, result);
  return push_captures(lua, pattern, search.subject);
}

// Upvalues: 1 the subject, 2 the pattern, 3 where to go on, 4 where the last match ended (-1: none yet).
int next_match(lua_State* lua) {
  const auto subject = text_at(lua, lua_upvalueindex(1));
  Pattern pattern(text_at(lua, lua_upvalueindex(2)), subject, State::of(lua).budget());
  const lua_Integer last_end = lua_tointeger(lua, lua_upvalueindex(4));
  auto begin = static_cast<std::size_t>(lua_tointeger(lua, lua_upvalueindex(3)));
  for (; begin <= subject.size(); begin = pattern.begin() + 1) {
    const auto result = pattern.find_from(begin, false);
    if (!pattern.settle()) return stop_exhausted(lua);
    if (result == Pattern::Result::no_match) break;
    if (result != Pattern::Result::match) return raise_problem(lua, pattern, result);
    const auto end = static_cast<lua_Integer>(pattern.end());
    if (end == last_end) continue;  // an empty match right behind the last one
    lua_pushinteger(lua, end);
    lua_copy(lua, -1, lua_upvalueindex(3));
    lua_copy(lua, -1, lua_upvalueindex(4));
    return push_captures(lua, pattern, subject);
  }
  lua_pushnil(lua);
  return 1;
}

int string_gmatch(lua_State* lua) {
  const Search search = read_search(lua, "string.gmatch");
  lua_settop(lua, 2);
  const std::size_t begin = search.possible ? search.begin : search.subject.size() + 1;
  lua_pushinteger(lua, static_cast<lua_Integer>(begin));
  lua_pushinteger(lua, -1);
  lua_pushcclosure(lua, &next_match, 4);
  return 1;
}

// Adds the replacement text at index 3 with its %0 to %9 filled in; 0, or what raising gives.
int add_template(lua_State* lua, luaL_Buffer& buffer, const Pattern& pattern, std::string_view subject) {
  const auto form = text_at(lua, 3);
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '%') {
      luaL_addchar(&buffer, form[i]);
      continue;
    }
    const char sign = ++i < form.size() ? form[i] : '\0';
    if (sign == '%') {
      luaL_addchar(&buffer, '%');
    } else if (sign == '0') {
      luaL_addlstring(&buffer, subject.data() + pattern.begin(), pattern.end() - pattern.begin());
    } else if (sign >= '1' && sign <= '9' &&
               (sign - '1' < pattern.captures() || (sign == '1' && pattern.captures() == 0))) {
      push_capture(lua, pattern, subject, sign - '1');
      lua_tolstring(lua, -1, nullptr);
      luaL_addvalue(&buffer);
    } else {
      return raise(lua, "SH1215", "after % the replacement may hold only % and the number of a capture",
                   "write %% for a percent sign");
    }
    if (luaL_bufflen(&buffer) > longest_string) return too_long(lua);
  }
  return 0;
}

// Adds what the function or table at index 3 gives for the match; 0, or what raising gives.
int add_replacement(lua_State* lua, luaL_Buffer& buffer, const Pattern& pattern, std::string_view subject) {
  const int type = lua_type(lua, 3);
  if (type == LUA_TSTRING || type == LUA_TNUMBER) return add_template(lua, buffer, pattern, subject);
  if (type == LUA_TTABLE) {
    push_capture(lua, pattern, subject, 0);
    lua_gettable(lua, 3);
  } else {
    lua_pushvalue(lua, 3);
    const int captures = push_captures(lua, pattern, subject);
    lua_call(lua, captures, 1);
  }
  if (lua_toboolean(lua, -1) == 0) {
    lua_pop(lua, 1);
    luaL_addlstring(&buffer, subject.data() + pattern.begin(), pattern.end() - pattern.begin());
  } else if (is_text(lua, -1)) {
    lua_tolstring(lua, -1, nullptr);
    luaL_addvalue(&buffer);
  } else {
    return raise(lua, "SH1215", "a replacement must be a string or a number", "use tostring(...)");
  }
  return 0;
}

int string_gsub(lua_State* lua) {
  const int type = lua_type(lua, 3);
  for (int index = 1; index <= 2; ++index)
    if (!is_text(lua, index)) return refuse_argument(lua, "string.gsub", index, "a string");
  if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TTABLE && type != LUA_TFUNCTION)
    return refuse_argument(lua, "string.gsub", 3, "a string, table or function");
  if (!lua_isnoneornil(lua, 4) && lua_isinteger(lua, 4) == 0)
    return refuse_argument(lua, "string.gsub", 4, "a whole number");
  const auto subject = text_at(lua, 1);
  if (type == LUA_TNUMBER) lua_tolstring(lua, 3, nullptr);
  auto form = text_at(lua, 2);
  const bool anchored = form.starts_with('^');
  if (anchored) form.remove_prefix(1);
  const lua_Integer most = lua_isnoneornil(lua, 4) ? LUA_MAXINTEGER : lua_tointeger(lua, 4);
  if (subject.size() > longest_string) return too_long(lua);

  luaL_Buffer buffer;
  luaL_buffinit(lua, &buffer);
  Pattern pattern(form, subject, State::of(lua).budget());
  std::size_t at = 0;
  std::size_t last_end = static_cast<std::size_t>(-1);
  lua_Integer count = 0;
  while (count < most) {
    const auto result = pattern.match_at(at);
    if (!pattern.settle()) return stop_exhausted(lua);
    if (result == Pattern::Result::match && pattern.end() != last_end) {
      ++count;
      last_end = pattern.end();
      if (const int raised = add_replacement(lua, buffer, pattern, subject); raised != 0) return raised;
      at = last_end;
    } else if (result == Pattern::Result::malformed) {
      return raise_problem(lua, pattern, result);
    } else if (at < subject.size()) {
      luaL_addchar(&buffer, subject[at]);
      ++at;
    } else {
      break;
    }
    if (luaL_bufflen(&buffer) > longest_string) return too_long(lua);
    if (anchored) break;
  }
  luaL_addlstring(&buffer, subject.data() + std::min(at, subject.size()),
                  subject.size() - std::min(at, subject.size()));
  if (luaL_bufflen(&buffer) > longest_string) return too_long(lua);
  luaL_pushresult(&buffer);
  lua_pushinteger(lua, count);
  return 2;
}

}  // namespace

Bindings matching_bindings() {
  static constexpr Binding bindings[] = {
      {"string.find", nullptr, &string_find},
      {"string.match", nullptr, &string_match},
      {"string.gmatch", nullptr, &string_gmatch},
      {"string.gsub", nullptr, &string_gsub},
  };
  return bindings;
}

}  // namespace shunt::lua
