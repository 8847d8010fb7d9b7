// Our own versions of Lua's functions against Lua's.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "vm/error_object.hpp"
#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::test::Play;

namespace {

// What Lua itself makes of an expression list.
std::string stock(const std::string& expression) {
  lua_State* lua = luaL_newstate();
  luaL_openlibs(lua);
  const std::string text =
      "local function show(...) local s = {} for i = 1, select('#', ...) do local v = select(i, ...) "
      "s[i] = math.type(v) == 'float' and string.format('%.17g!', v) or tostring(v) end "
      "return table.concat(s, '|') end local ok, r = pcall(function() return show(" +
      expression + ") end) return ok and r or 'error'";
  std::string result = "does not compile";
  if (luaL_dostring(lua, text.c_str()) == LUA_OK) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua, -1, &size);
    result.assign(bytes, size);
  }
  lua_close(lua);
  return result;
}

// What our functions make of it.
std::string ours(const std::string& expression) {
  Play play;
  const auto outcome = play.run(
      "local function show(...) local s = {} for i = 1, select('#', ...) do local v = select(i, ...) "
      "s[i] = math.type(v) == 'float' and string.format('%.17g!', v) or tostring(v) end "
      "return table.concat(s, '|') end local ok, r = pcall(function() return show(" +
      expression + ") end) error { message = 'x', evidence = ok and r or 'error' }");
  return outcome.error && outcome.error->evidence.is_string() ? outcome.error->evidence.get<std::string>() : "?";
}

void compare(std::initializer_list<const char*> expressions) {
  for (const char* expression : expressions) {
    const auto wanted = stock(expression);
    CHECK_MESSAGE(wanted == ours(expression), std::string(expression));
    CHECK_MESSAGE(wanted != "does not compile", std::string(expression));
  }
}

}  // namespace

TEST_CASE("patterns match as in Lua") {
  compare({
      "('hello world'):find('o w')",
      "('hello'):find('l+')",
      "('hello'):find('xyz')",
      "('a.b'):find('.', 1, true)",
      "('a.b'):find('.', 2, true)",
      "('hello'):find('', 10)",
      "('hello'):find('', 6)",
      "('hello'):find('l', -2)",
      "('key = value'):match('^(%w+)%s*=%s*(%w+)$')",
      "('  x  '):match('^%s*(.-)%s*$')",
      "('THE (quick) fox'):find('%((%a+)%)')",
      "('THE (quick) fox'):match('%b()')",
      "('((a)b)c'):match('%b()')",
      "('THE (quick) fox'):gsub('%f[%a]%a+', 'x')",
      "('hello'):match('()ll()')",
      "('x=1, y=2'):gsub('(%w+)=(%w+)', '%2=%1')",
      "('abc'):gsub('', '-')",
      "('abc'):gsub('.', '%0%0')",
      "('abc'):gsub('b', '%%')",
      "('abc'):gsub('b', '%2')",
      "('hello world'):gsub('o', '0', 1)",
      "('abc'):gsub('%w', { a = 1, b = true })",
      "('abc'):gsub('%w', function(c) if c == 'b' then return false end return c:upper() end)",
      "('aaa'):gsub('^a', 'b')",
      "('abcabc'):match('(a)(b)(c)%1%2%3')",
      "('[test]'):match('[]]')",
      "('a-z'):match('[a%-z]+')",
      "('x^y'):match('[x^]+')",
      "('0x1F'):match('^0[xX](%x+)$')",
      "('a\\0b'):find('\\0')",
      "('a\\0b'):match('%z')",
      "('x'):rep(3, ',')",
      "(''):match('.*')",
      "('abc'):find('b', nil, true)",
      "('äöü'):match('[\\xc3][\\x80-\\xbf]')",
      "('aXb'):match('%u')",
      "('aXb'):match('%U+')",
      "('foo.bar'):match('^(.-)%.(.*)$')",
      "('a,b,,c'):gsub(',,', ',nil,')",
      "('%d'):gsub('%%d', '%%s')",
      "('abc'):match('a?b?c?d?')",
      "('aaab'):match('a-b')",
      "('aaab'):match('^a*?')",
      "('x'):find('[')",
      "('x'):find('%')",
      "('x'):find('(')",
      "('x'):find(')')",
      "('x'):find('%f')",
      "('x'):find('%b')",
      "('x'):find('%1')",
      "('x'):gsub('x', '%')",
      "('x'):match('[a-]')",
      "('-'):match('[a-]')",
      "('a]'):match('[^]]')",
      "('\\n\\t x'):gsub('%s', '_')",
      "('a1b2'):gsub('%d', function(d) return d + 1 end)",
      "('abc'):find('c', -1)",
      "('abc'):match('b', 3)",
      "('ab'):gsub('a*', 'x')",
      "('hello'):find('l', 1, false)",
      "(123):rep(2)",
      "('THE'):lower(), ('the'):upper(), ('abc'):reverse(), #'abc', ('abc'):len()",
  });
}

TEST_CASE("gmatch goes through as in Lua") {
  compare({
      "(function() local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t[#t + 1] = k .. v end return "
      "table.concat(t, ';') end)()",
      "(function() local t = {} for w in ('one two  three'):gmatch('%a+') do t[#t + 1] = w end return table.concat(t, "
      "';') end)()",
      "(function() local t = {} for w in ('abc'):gmatch('') do t[#t + 1] = 'x' end return #t end)()",
      "(function() local t = {} for w in ('aab'):gmatch('a*') do t[#t + 1] = w end return table.concat(t, ';') end)()",
      "(function() local t = {} for p in ('abc'):gmatch('()', 2) do t[#t + 1] = p end return table.concat(t, ';') "
      "end)()",
      "(function() local t = {} for p in ('^a^b'):gmatch('^%a') do t[#t + 1] = p end return table.concat(t, ';') "
      "end)()",
  });
}

TEST_CASE("strings are taken apart as in Lua") {
  compare({
      "('hello'):sub(2, 3)",
      "('hello'):sub(-3)",
      "('hello'):sub(2, -2)",
      "('hello'):sub(0)",
      "('hello'):sub(10)",
      "('hello'):sub(-100, 2)",
      "('hello'):sub(3, 2)",
      "('hello'):sub(math.mininteger, math.maxinteger)",
      "('abc'):byte()",
      "('abc'):byte(-1)",
      "('abc'):byte(1, 3)",
      "('abc'):byte(10)",
      "(''):byte()",
      "string.char(72, 105)",
      "string.char()",
      "string.char(256)",
      "('x'):rep(0)",
      "('x'):rep(-1)",
      "('ab'):rep(3, '-')",
      "(''):rep(5)",
      "(''):rep(3, ',')",
      "'10' + 1, '0x10' * 2, '3' ^ 2, -'2', '7' // 2, '7' % 4, 10 .. 20, '1e1' + 0",
      "'a' + 1",
      "('abc') < 'abd'",
      "string.len('a\\0b')",
  });
}

TEST_CASE("string.format writes as Lua does") {
  compare({
      "string.format('%d %i %5d|%-5d|%05d|%+d', 1, 2, 3, 4, 5, 6)",
      "string.format('%x %X %#x %o', 255, 255, 255, 8)",
      "string.format('%f %.2f %10.3f|%-10.1f|', 1.5, 2.345, 3.14159, 9.99)",
      "string.format('%e %E %.1e', 12345.678, 0.001, 5)",
      "string.format('%g %G %.3g', 1e20, 1e-10, 3.14159)",
      "string.format('%a', 0.5)",
      "string.format('%c%c', 72, 105)",
      "string.format('%s %s %s', 'a', 1, true)",
      "string.format('%10s|%-10s|%.2s', 'abc', 'abc', 'abc')",
      "string.format('%%')",
      "string.format('%5s', 'abcdefgh')",
      "string.format('%q', 'a\\nb\"c\\\\d\\0e\\r1')",
      "string.format('%q', 1/3)",
      "string.format('%q', math.mininteger)",
      "string.format('%q', 1/0)",
      "string.format('%d', 3.0)",
      "string.format('%d', 3.5)",
      "string.format('%d', '10')",
      "string.format('%d', 'x')",
      "string.format('%y', 1)",
      "string.format('%')",
      "string.format('%d')",
      "string.format('%s')",
      "string.format('%s', nil)",
      "string.format('%.3d', 5)",
      "string.format('%.20s', 'x')",
      "string.format('%-+ #0d', 5)",
      "string.format('%.14g', 0.1)",
      "string.format('%5.1f', -0.0)",
      "string.format('%i', -3)",
      "string.format('% d', 42)",
      "string.format('%.0f', 0.5)",
      "string.format('%s', setmetatable({}, { __tostring = function() return 'T' end }))",
  });
}

TEST_CASE("tables are worked on as in Lua") {
  compare({
      "table.concat({ 1, 2, 3 }, ', ')",
      "table.concat({ 'a', 2.5 })",
      "table.concat({})",
      "table.concat({ 1, 2, 3 }, '-', 2, 3)",
      "table.concat({ 1, {}, 3 })",
      "table.unpack({ 1, 2, 3 })",
      "table.unpack({ 1, 2, 3 }, 2)",
      "table.unpack({ 1, 2, 3 }, 2, 5)",
      "table.pack(1, nil, 3).n",
      "select('#', table.unpack({}, 1, 3))",
      "(function() local t = { 1, 2, 3 } table.insert(t, 4) table.insert(t, 1, 0) return table.concat(t, ',') end)()",
      "(function() local t = { 1, 2, 3 } local r = table.remove(t, 1) return r, table.concat(t, ',') end)()",
      "(function() local t = { 1, 2, 3 } local r = table.remove(t) return r, #t end)()",
      "table.remove({})",
      "table.remove({}, 0)",
      "table.remove({ 1 }, 2)",
      "table.remove({ 1 }, 5)",
      "table.insert({ 1 }, 5, 1)",
      "table.insert({}, 1, 2, 3)",
      "table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ',')",
      "table.concat(table.move({ 1, 2, 3 }, 2, 3, 1), ',')",
      "table.concat(table.move({ 1, 2, 3 }, 1, 3, 3, { 9, 9 }), ',')",
      "(function() local t = { 5, 3, 9, 1 } table.sort(t) return table.concat(t, ',') end)()",
      "(function() local t = { 5, 3, 9, 1 } table.sort(t, function(a, b) return a > b end) return table.concat(t, ',') "
      "end)()",
      "(function() local t = {} for i = 1, 100 do t[i] = i * 7919 % 101 end table.sort(t) return table.concat(t, ',') "
      "end)()",
      "(function() local t = { 'b', 'a', 'C' } table.sort(t) return table.concat(t) end)()",
      "table.sort({ 1, 'x' })",
      "rawlen({ 1, 2 }), rawlen('abc'), rawequal('a', 'a'), rawget({ 5 }, 1)",
      "next({}), type(next), select(-1, 1, 2, 3)",
      "select(2, 'a', 'b', 'c')",
      "select(0)",
      "select(-5, 1)",
      "ipairs()",
      "type()",
      "tostring()",
      "(function() local n = 0 for i, v in ipairs({ 1, 2, nil, 4 }) do n = n + v end return n end)()",
      "(function() local n = 0 for i, v in ipairs(setmetatable({}, { __index = function(_, i) if i < 4 then return i "
      "end end })) do n = n "
      "+ v end return n end)()",
  });
}

TEST_CASE("numbers are worked on as in Lua") {
  compare({
      "math.abs(-5), math.abs(-5.5), math.abs(math.mininteger)",
      "math.ceil(1.2), math.ceil(-1.2), math.ceil(5), math.ceil(1e300)",
      "math.floor(1.8), math.floor(-1.2), math.floor(5)",
      "math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7.5, 2), math.fmod(5, -1)",
      "math.fmod(1, 0)",
      "math.fmod(1, 0.0) ~= math.fmod(1, 0.0)",
      "math.max(1, 5.5, 3), math.min(1, 5, -3)",
      "math.max()",
      "math.modf(3.7)",
      "math.modf(-3.7)",
      "math.modf(5)",
      "math.modf(1/0)",
      "math.sqrt(2)",
      "math.tointeger(3.0), math.tointeger(3.5)",
      "math.type(1), math.type(1.0), math.type('1')",
      "math.ult(1, -1), math.ult(-1, 1)",
      "math.pi, math.huge, math.maxinteger",
      "tonumber('10'), tonumber('0x1p4'), tonumber('  5  '), tonumber('5x'), tonumber(''), tonumber('1e1')",
      "tonumber('ff', 16)",
      "tonumber('zz', 36)",
      "tonumber('8', 8)",
      "tonumber('-7f', 16)",
      "tonumber('10', 99)",
      "tonumber({})",
      "tonumber()",
      "tonumber(10, 10)",
      "1e15, 2^53, 10 // 3, 10.0 / 3, 7 % -3, -7 % 3, 1 << 62, 3 | 4",
      "1 // 0",
      "1 % 0",
      "math.floor('3.7')",
      "math.abs('x')",
  });
}

TEST_CASE("utf8 works as in Lua") {
  compare({
      "utf8.char(72, 228, 8364, 128512)",
      "utf8.char()",
      "utf8.char(-1)",
      "utf8.len('häß€')",
      "utf8.len('\\xff')",
      "utf8.len('abc', 4)",
      "utf8.len('abc', 5)",
      "utf8.len('häß', -2)",
      "utf8.codepoint('häß', 1, -1)",
      "utf8.codepoint('h')",
      "utf8.codepoint('\\xff')",
      "utf8.offset('häß', 3)",
      "utf8.offset('häß', -1)",
      "utf8.offset('häß', 0, 3)",
      "utf8.offset('abc', 5)",
      "utf8.offset('häß', 1, 3)",
      "utf8.charpattern",
      "utf8.len('\\u{D7FF}')",
      "utf8.len('\\u{7FFFFFFF}')",
      "utf8.len('\\u{7FFFFFFF}', 1, -1, true)",
      "utf8.char(0x7FFFFFFF)",
      "utf8.len('\\xed\\xa0\\x80')",
      "utf8.len('\\xc0\\x80')",
      "(function() local t = {} for p, c in utf8.codes('aé€') do t[#t + 1] = p .. ':' .. c end return table.concat(t, "
      "' ') end)()",
      "(function() for p, c in utf8.codes('a\\xff') do end end)()",
  });
}

TEST_CASE("table.sort is stable") {
  CHECK(
      ours(
          "(function() local t = {} for i = 1, 50 do t[i] = { key = i % 5, order = i } end "
          "table.sort(t, function(a, b) return a.key < b.key end) "
          "for i = 2, 50 do if t[i - 1].key == t[i].key and t[i - 1].order > t[i].order then return 'unstable' end end "
          "return 'stable' end)()") == "stable");
}

TEST_CASE("json is written and read") {
  CHECK(ours("json.encode({ b = 1, a = { true, 2.5, 'x' }, e = {} })") == R"({"a":[true,2.5,"x"],"b":1,"e":[]})");
  CHECK(ours("json.decode('{\"a\": [1, null, 2.0]}').a[3]") == "2!");
  CHECK(ours("json.decode('[1, null]')[2] == json.null") == "true");
  CHECK(ours("json.decode('{')") == "error");
  CHECK(ours("json.decode('\"' .. ('['):rep(100) .. '\"')") == std::string(100, '['));
}
