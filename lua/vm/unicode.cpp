#include "vm/unicode.hpp"

#include <array>
#include <optional>

#include "vm/error_object.hpp"
#include "vm/state.hpp"
#include "vm/strings.hpp"

namespace shunt::lua {

namespace {

constexpr std::uint32_t largest_code = 0x7FFFFFFF;
constexpr std::uint32_t largest_unicode = 0x10FFFF;
constexpr lua_Integer most_codes = 10'000;
constexpr std::int64_t text_per_instruction = 4;

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// One character of a string.
struct Character {
  std::uint32_t code;
  std::size_t size;
};

// Decodes the character at `at` (RFC 3629; without `strict` also surrogates and codes up to 2^31, as the first UTF-8
// had it).
std::optional<Character> decode_at(std::string_view text, std::size_t at, bool strict) {
  if (at >= text.size()) return std::nullopt;
  static constexpr std::array<std::uint32_t, 6> smallest = {0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return Character{first, 1};
  std::size_t size = 0;
  for (unsigned bit = 0x40; size < 6 && (first & (bit << 1U)) != 0; bit >>= 1U) ++size;
  if (size < 2 || size > 6 || first >= 0xFE || at + size > text.size()) return std::nullopt;
  std::uint32_t code = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text[at + i])) return std::nullopt;
    code = (code << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  if (code < smallest.at(size - 1)) return std::nullopt;
  if (strict && (code > largest_unicode || (code >= 0xD800 && code <= 0xDFFF))) return std::nullopt;
  return Character{code, size};
}

void append(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  std::array<char, 6> reversed{};
  std::size_t size = 0;
  std::uint32_t room = 0x3F;  // the largest that still fits into the first byte
  do {
    reversed.at(size++) = static_cast<char>(0x80U | (code & 0x3FU));
    code >>= 6U;
    room >>= 1U;
  } while (code > room);
  reversed.at(size++) = static_cast<char>((~room << 1U) | code);
  while (size > 0) text += reversed.at(--size);
}

Answer utf8_char(Arguments& in) {
  std::string result;
  for (int i = 1; i <= in.count(); ++i) {
    const lua_Integer code = in.whole(i);
    if (in.wrong()) return in.complaint();
    if (code < 0 || code > largest_code) {
      in.refuse(i, "the number of a character");
      return in.complaint();
    }
    append(result, static_cast<std::uint32_t>(code));
  }
  return in.text_result(std::move(result));
}

Answer not_utf8(const Arguments& in) {
  return in.fail("SH1207", "the string is not UTF-8", "check it with utf8.len first");
}

Answer utf8_codepoint(Arguments& in) {
  const auto text = in.text(1);
  const lua_Integer first = from_start(in.whole_or(2, 1), text.size());
  const lua_Integer last = in.absent(3) ? first : from_start(in.whole(3), text.size());
  const bool strict = lua_toboolean(in.lua(), 4) == 0;
  if (in.wrong()) return in.complaint();
  if (first < 1) in.refuse(2, "a position in the string");
  if (last > static_cast<lua_Integer>(text.size())) in.refuse(3, "a position in the string");
  if (in.wrong()) return in.complaint();
  if (first > last) return in.results(0);
  if (last - first >= most_codes || lua_checkstack(in.lua(), static_cast<int>(last - first + 1)) == 0)
    return in.fail("SH1208", "utf8.codepoint gives at most 10,000 characters at once",
                   "go through the string in parts");
  int count = 0;
  for (auto at = static_cast<std::size_t>(first - 1); at < static_cast<std::size_t>(last); ++count) {
    const auto character = decode_at(text, at, strict);
    if (!character) return not_utf8(in);
    lua_pushinteger(in.lua(), character->code);
    at += character->size;
  }
  return in.results(count);
}

Answer utf8_len(Arguments& in) {
  const auto text = in.text(1);
  const lua_Integer first = from_start(in.whole_or(2, 1), text.size());
  const lua_Integer last = from_start(in.whole_or(3, -1), text.size());
  const bool strict = lua_toboolean(in.lua(), 4) == 0;
  if (in.wrong()) return in.complaint();
  if (first < 1 || first > static_cast<lua_Integer>(text.size()) + 1) in.refuse(2, "a position in the string");
  if (last > static_cast<lua_Integer>(text.size())) in.refuse(3, "a position in the string");
  if (in.wrong()) return in.complaint();
  if (!in.spend((last - first) / text_per_instruction)) return in.stop();
  lua_Integer count = 0;
  for (auto at = static_cast<std::size_t>(first - 1); static_cast<lua_Integer>(at) < last; ++count) {
    const auto character = decode_at(text, at, strict);
    if (!character) {
      lua_pushnil(in.lua());
      lua_pushinteger(in.lua(), static_cast<lua_Integer>(at) + 1);
      return in.results(2);
    }
    at += character->size;
  }
  lua_pushinteger(in.lua(), count);
  return in.results(1);
}

// Moves `position` (from 0) by `count` characters; nothing when the string has not so many.
std::optional<lua_Integer> moved(std::string_view text, lua_Integer position, lua_Integer count) {
  const auto size = static_cast<lua_Integer>(text.size());
  const auto inside = [&](lua_Integer at) { return at < size && continues(text[static_cast<std::size_t>(at)]); };
  for (; count < 0 && position > 0; ++count) {
    do --position;
    while (position > 0 && inside(position));
  }
  for (; count > 0 && position < size; --count) {
    do ++position;
    while (inside(position));
  }
  if (count != 0) return std::nullopt;
  return position;
}

Answer utf8_offset(Arguments& in) {
  const auto text = in.text(1);
  const auto size = static_cast<lua_Integer>(text.size());
  lua_Integer count = in.whole(2);
  lua_Integer position = from_start(in.whole_or(3, count > 0 ? 1 : size + 1), text.size()) - 1;
  if (in.wrong()) return in.complaint();
  if (position < 0 || position > size) {
    in.refuse(3, "a position in the string");
    return in.complaint();
  }
  if (!in.spend(size / text_per_instruction)) return in.stop();
  const auto inside = [&](lua_Integer at) { return at < size && continues(text[static_cast<std::size_t>(at)]); };
  if (count == 0) {
    while (position > 0 && inside(position)) --position;
  } else if (inside(position)) {
    return in.fail("SH1207", "utf8.offset begins in the middle of a character", "give the position of its first byte");
  }
  const auto found = moved(text, position, count > 0 ? count - 1 : count);
  if (found) {
    lua_pushinteger(in.lua(), *found + 1);
  } else {
    lua_pushnil(in.lua());
  }
  return in.results(1);
}

// Arguments: the string, and the position of the character before.
Answer next_code(Arguments& in, bool strict) {
  const auto text = in.text(1);
  auto at = static_cast<std::size_t>(in.whole(2));
  if (in.wrong()) return in.complaint();
  if (at > text.size()) return in.results(0);
  if (at > 0)
    while (at < text.size() && continues(text[at])) ++at;
  if (at >= text.size()) return in.results(0);
  const auto character = decode_at(text, at, strict);
  if (!character || (at + character->size < text.size() && continues(text[at + character->size]))) return not_utf8(in);
  lua_pushinteger(in.lua(), static_cast<lua_Integer>(at) + 1);
  lua_pushinteger(in.lua(), character->code);
  return in.results(2);
}

Answer next_strict(Arguments& in) {
  return next_code(in, true);
}
Answer next_lax(Arguments& in) {
  return next_code(in, false);
}

int utf8_codes(lua_State* lua) {
  static constexpr Binding strict = {"utf8.codes", &next_strict};
  static constexpr Binding lax = {"utf8.codes", &next_lax};
  if (lua_type(lua, 1) != LUA_TSTRING) return refuse_argument(lua, "utf8.codes", 1, "a string");
  push_binding(lua, lua_toboolean(lua, 2) != 0 ? lax : strict);
  lua_pushvalue(lua, 1);
  lua_pushinteger(lua, 0);
  return 3;
}

}  // namespace

Bindings utf8_bindings() {
  static constexpr Binding bindings[] = {
      {"utf8.char", &utf8_char},     {"utf8.codepoint", &utf8_codepoint},  {"utf8.len", &utf8_len},
      {"utf8.offset", &utf8_offset}, {"utf8.codes", nullptr, &utf8_codes},
  };
  return bindings;
}

void push_utf8_module(lua_State* lua) {
  push_bindings(lua, utf8_bindings());
  static constexpr std::string_view pattern("[\0-\x7F\xC2-\xFD][\x80-\xBF]*", 14);
  lua_pushlstring(lua, pattern.data(), pattern.size());
  lua_setfield(lua, -2, "charpattern");
}

}  // namespace shunt::lua
