#include "vm/sandbox.hpp"
#include "vm/budget.hpp"

#include <doctest/doctest.h>
#include <chrono>

#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::test::line_of;
using shunt::lua::test::Play;

namespace {

/// Runs a body with small limits and says how it ended: "ok", "busy" (instructions or time), or a code. It must end
/// within twice its time.
std::string end_of(const std::string& body) {
  using Clock = std::chrono::steady_clock;
  ScriptLimits limits;
  limits.instructions = 20'000'000;
  limits.wall = Milliseconds(1'000);
  limits.memory = 32 * 1024 * 1024;
  Play play(limits);
  const auto begin = Clock::now();
  const auto outcome = play.run(body);
  CHECK_MESSAGE(Clock::now() - begin < 2 * limits.wall, body);
  CHECK_MESSAGE(play.recorder.calls.empty(), body);
  if (outcome.ok()) return "ok";
  const bool busy = outcome.error->code == "SH1281" || outcome.error->code == "SH1282";
  return busy ? "busy" : outcome.error->code;
}

}  // namespace

TEST_CASE("endless work is ended, whatever catches it") {
  CHECK(end_of("while true do end") == "busy");
  CHECK(end_of("repeat local x = pcall(function() while true do end end) until false") == "busy");
  CHECK(end_of("while true do pcall(error) end") == "busy");
  CHECK(end_of("local function f() return pcall(f) end f() while true do pcall(f) end") == "busy");
  CHECK(end_of("xpcall(function() while true do end end, function() while true do end end)") == "busy");
  CHECK(end_of("xpcall(function() while true do end end, function() log.info('never') end)") == "busy");
  CHECK(end_of("local function f() return f() end f()") == "busy");
  CHECK(end_of("while true do coroutine.wrap(function() end)() end") == "busy");
  CHECK(end_of("while true do coroutine.create(function() end) end") == "busy");
  CHECK(end_of("local function f() coroutine.wrap(f)() end while true do pcall(f) end") == "busy");
  CHECK(end_of("coroutine.wrap(function() pcall(function() while true do end end) log.info('never') end)()") == "busy");
  CHECK(
      end_of("local co = coroutine.create(function() while true do end end) coroutine.resume(co) log.info('never')") ==
      "busy");
  CHECK(end_of("setmetatable({}, { __index = function(t, k) return t[k .. 'x'] end }).x = 1 local t = setmetatable({}, "
               "{ __index = function(t, k) while true do end end }) local _ = t.x") == "busy");
  CHECK(end_of("tostring(setmetatable({}, { __tostring = function() while true do end end }))") == "busy");
  CHECK(end_of(
            "pcall(string.gsub, 'x', 'x', function() pcall(function() while true do end end) end) log.info('never')") ==
        "busy");
  CHECK(end_of("for i = 1, math.huge do end") == "busy");
  CHECK(end_of("goto again ::again:: goto again") == "busy");
  CHECK(end_of("local t = {} while true do t = setmetatable({}, { __index = t }) end") != "ok");
  CHECK(end_of("table.sort({ 3, 2, 1 }, function() while true do end end)") == "busy");
  CHECK(end_of("local t = {} for i = 1, 1000 do t[i] = i end while true do next(t) end") == "busy");
  CHECK(end_of("local t = {} for i = 1, 100000 do t[i] = i end while true do for _ in pairs(t) do break end end") ==
        "busy");
  CHECK(end_of("while true do table.insert({}, 1, 1) end") == "busy");
}

TEST_CASE("work that Lua does in C is bounded") {
  CHECK(end_of("string.rep('', 2^63 // 1 | 0)") != "busy");
  CHECK(end_of("string.rep('', math.maxinteger)") == "ok");
  CHECK(end_of("string.rep('x', math.maxinteger)") == "SH1208");
  CHECK(end_of("string.rep('x', 2^20 | 0) string.rep('x', (2^20 | 0) + 1)") == "SH1208");
  CHECK(end_of("string.rep('x', 10, string.rep('y', 2^20 | 0))") == "SH1208");
  CHECK(end_of("string.find(('a'):rep(2^20 | 0), ('a*'):rep(30) .. 'b')") == "busy");
  CHECK(end_of("string.find(('a'):rep(30000), '.-.-.-.-b')") == "busy");
  CHECK(end_of("string.match(('('):rep(200000), '%b()')") == "busy");
  CHECK(end_of("local s = ('a'):rep(2^20 | 0) while true do s:find('b', 1, true) end") == "busy");
  CHECK(end_of("local s = ('a'):rep(2^20 | 0) s = s .. s .. s .. s local t = ('a'):rep(2^19 | 0) .. 'b' "
               "for i = 1, 10 do s:find(t, 1, true) end") == "ok");
  CHECK(end_of("local s = ('a'):rep(2^20 | 0) while true do s:upper() end") == "busy");
  CHECK(end_of("local s = ('a'):rep(2^20 | 0) while true do utf8.len(s) end") == "busy");
  CHECK(end_of("local s = ('a'):rep(2^20 | 0) while true do s:gsub('a', 'aa') end") == "SH1208");
  CHECK(end_of("table.concat({}, 'x', 1, math.maxinteger)") == "SH1208");
  CHECK(end_of("table.concat({}, 'x', math.mininteger, math.maxinteger)") == "SH1208");
  CHECK(end_of("table.unpack({}, 1, 1e8)") == "SH1208");
  CHECK(end_of("table.move({}, 1, math.maxinteger, 2)") == "SH1208");
  CHECK(end_of("table.move({}, 1, 1e7, 2) while true do table.move({}, 1, 1e6, 2) end") == "busy");
  CHECK(end_of("string.format('%0100d', 1)") == "SH1207");
  CHECK(end_of("('x'):rep(2^20 | 0):byte(1, -1)") == "SH1208");
  CHECK(end_of("json.decode(('['):rep(100000))") == "SH1207");
  CHECK(end_of("local s = ('a'):rep(2^20 | 0) local t = {} for i = 1, 1000 do t[i] = s end table.concat(t)") ==
        "SH1208");
  CHECK(end_of("string.format(('%s'):rep(100), table.unpack((function() local s, t = ('x'):rep(2^20 | 0), {} for i = "
               "1, 100 do t[i] = s "
               "end return t end)()))") == "SH1208");
}

TEST_CASE("too much memory is a kill that nothing catches") {
  CHECK(end_of("local t, s = {}, ('x'):rep(100000) while true do t[#t + 1] = s .. #t end") == "SH1283");
  CHECK(end_of("local s = 'x' while true do s = s .. s end") == "SH1283");
  CHECK(end_of("local s = 'x' while true do pcall(function() s = s .. s end) end") == "SH1283");
  CHECK(end_of("local t = {} pcall(function() while true do t[#t + 1] = {} end end) log.info('never')") == "SH1283");
  CHECK(end_of("local t = {} coroutine.resume(coroutine.create(function() while true do t[#t + 1] = {} end end)) "
               "log.info('never')") == "SH1283");
  CHECK(end_of(
            "local t = {} xpcall(function() while true do t[#t + 1] = {} end end, function() log.info('never') end)") ==
        "SH1283");
  CHECK(end_of("local t = {} for i = 1, 1e9 do t[i] = coroutine.create(function() end) end") != "ok");
  CHECK(end_of("local function f(...) return f(1, ...) end f()") != "ok");
}

TEST_CASE("one collection of all garbage after the other is too much memory, too") {
  lua::Memory memory(1000);
  const auto take = [&](std::size_t size) { return lua::Memory::allocate(&memory, nullptr, 0, size); };
  const auto give = [&](void* block, std::size_t size) { lua::Memory::allocate(&memory, block, size, 0); };
  void* kept = take(950);
  const auto refused_and_then_given = [&] {
    REQUIRE(take(100) == nullptr);  // Lua collects garbage now
    give(kept, 950);
    void* taken = take(100);
    REQUIRE(taken != nullptr);
    give(taken, 100);
    kept = take(950);
  };
  for (int i = 0; i < 8; ++i) refused_and_then_given();
  CHECK_FALSE(memory.exceeded());
  memory.forget_refusals();
  for (int i = 0; i < 8; ++i) refused_and_then_given();
  CHECK_FALSE(memory.exceeded());
  refused_and_then_given();
  CHECK(memory.exceeded());
  give(kept, 950);
}

TEST_CASE("endless recursion is an error that can be caught") {
  CHECK(end_of("local function f() return 1 + f() end f()") == "SH1202");
  CHECK(end_of("local function f() return 1 + f() end assert(not pcall(f) and not pcall(f))") == "ok");
  CHECK(end_of("local function f() return 1 + f() end assert(not xpcall(f, function() while true do end end))") ==
        "ok");
  CHECK(end_of("local function f() return 1 + f() end assert(not coroutine.resume(coroutine.create(f)))") == "ok");
  CHECK(end_of("local function f() return 1 + f() end pcall(f) while true do end") == "busy");
  CHECK(end_of("local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end "
               "setmetatable(t, getmetatable(t)) "
               "return t.x") == "SH1202");
  CHECK(end_of("local s = 'x' for i = 1, 300 do s = '(' .. s .. ')' end json.decode(s)") == "SH1207");
}

TEST_CASE("nothing is reachable that could reach out") {
  for (const char* name : {"os", "io", "debug", "package", "load", "loadstring", "loadfile", "dofile", "collectgarbage",
                           "print", "_G", "_VERSION", "warn", "setfenv", "env", "secret", "include", "native"}) {
    const auto outcome = Play().run(std::string("local x = ") + name);
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == "SH1103");
    const auto dynamic = Play().run(std::string("local x = _ENV['") + name + "']");
    REQUIRE(dynamic.error);
    CHECK(dynamic.error->code == "SH1103");
  }
  CHECK(line_of(Play().run(
            "assert(string.dump == nil and string.pack == nil and math.exp == nil and math.sin == nil)")) == "ok");
}

TEST_CASE("the environment is read-only all the way down") {
  CHECK(end_of("string.rep = nil") == "SH1209");
  CHECK(end_of("_ENV.string = {}") == "SH1209");
  CHECK(end_of("rawset(_ENV, 'x', 1)") == "SH1209");
  CHECK(end_of("rawset(string, 'x', 1)") == "SH1209");
  CHECK(end_of("setmetatable(string, {})") == "SH1209");
  CHECK(end_of("setmetatable(_ENV, {})") == "SH1209");
  CHECK(end_of("table.insert(string, 1)") == "SH1209");
  CHECK(end_of("table.move({ 1 }, 1, 1, 1, string)") == "SH1209");
  CHECK(end_of("table.remove(string)") == "SH1209");
  CHECK(end_of("table.sort(string)") == "SH1209");
  CHECK(end_of("clock.now = nil") == "SH1209");
  CHECK(end_of("json.null.x = 1") == "SH1209");
  CHECK(end_of("getmetatable('').__index = nil") != "ok");
  CHECK(end_of("assert(getmetatable('') == 'string' and getmetatable(string) == nil and getmetatable(_ENV) == nil)") ==
        "ok");
  CHECK(end_of("local _ENV = { pcall = 1 } x = 2") == "ok");
}

TEST_CASE("metatables are snapshots without __gc, __mode and __close") {
  CHECK(end_of(R"lua(
    local called = false
    local mt = { __gc = function() called = true end, __mode = "k", __close = function() called = true end }
    local t = setmetatable({}, mt)
    assert(getmetatable(t) == mt)
    mt.__index = function() return 1 end
    assert(t.x == nil)
    setmetatable(t, mt)
    assert(t.x == 1)
    local other = setmetatable({}, mt)
    mt.__mode = "v"
    t[1] = {}
    local s = ""
    for i = 1, 20000 do s = "x" .. i end
    assert(rawget(t, 1) and not called))lua") == "ok");
  CHECK(end_of("local x <close> = setmetatable({}, { __close = function() end })") == "SH1202");
  CHECK(end_of("local protected = setmetatable({}, { __metatable = 'no' }) assert(getmetatable(protected) == 'no') "
               "setmetatable(protected, {})") == "SH1209");
  CHECK(end_of(R"lua(
    local Class = {} Class.__index = Class
    function Class.new() return setmetatable({ n = 1 }, Class) end
    function Class:more() self.n = self.n + 1 return self.n end
    Class.__eq = function() return true end Class.__lt = function() return true end
    local a, b = Class.new(), Class.new()
    assert(a:more() == 2 and a == b and a < b)
    assert(tostring(a) == tostring(a) and tostring(a) ~= tostring(b)))lua") == "ok");
}

TEST_CASE("only texts are loaded") {
  Play play;
  const auto error = play.load("\x1bLua");
  REQUIRE(error);
  CHECK(error->code == "SH1104");
}

TEST_CASE("printing shows no addresses and no sign of nan") {
  CHECK(end_of(R"lua(
    local t, f = {}, function() end
    assert(tostring(t) == "table: 1" and tostring(f) == "function: 2" and tostring(t) == "table: 1")
    assert(string.format("%s %p", t, f) == "table: 1 function: 2")
    assert(tostring(0/0) == "nan" and tostring(-(0/0)) == "nan" and string.format("%f", -(0/0)) == "nan")
    assert(tostring(1/0) == "inf" and tostring(-1/0) == "-inf" and tostring(1e15) == "1e+15" and tostring(2^53) == "9.007199254741e+15")
    assert(tostring(-0.0) == "-0.0" and tostring(3.0) == "3.0" and tostring(nil) == "nil" and tostring(true) == "true")
    assert(tostring(setmetatable({}, { __name = "Thing" })) == "Thing: 3"))lua") == "ok");
}

TEST_CASE("pairs and next go in order: numbers, then strings by their bytes") {
  CHECK(end_of(R"lua(
    local t = { b = 1, a = 2, [10] = 3, [2] = 4, [1.5] = 5, [-1] = 6, ["10"] = 7, B = 8 }
    local keys = {}
    for key, value in pairs(t) do keys[#keys + 1] = tostring(key) end
    assert(table.concat(keys, " ") == "-1 1.5 2 10 10 B a b", table.concat(keys, " "))
    local key, again = nil, {}
    repeat key = next(t, key) again[#again + 1] = tostring(key) until key == nil
    assert(table.concat(again, " ") == "-1 1.5 2 10 10 B a b nil")
    for k in pairs(t) do t[k] = nil t.new = 1 end
    assert(next(t) == "new")
    assert(next({}) == nil and not pcall(next, { [{}] = 1 }) and not pcall(pairs, { [true] = 1 }))
    local seen = 0
    for k in pairs({ 1, 2, 3 }) do seen = seen + k end
    assert(seen == 6)
    for name in pairs(string) do seen = seen + 1 end
    assert(seen > 15)
    local huge = { [2^60] = "a", [math.maxinteger] = "b", [1e300] = "c", [-1e300] = "d" }
    local order = {}
    for _, v in pairs(huge) do order[#order + 1] = v end
    assert(table.concat(order) == "dabc"))lua") == "ok");
}

TEST_CASE("the names that scripts can reach are these") {
  const auto join = [](const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, " ")); };
  CHECK(join(lua::global_names(lua::Surface::app)) ==
        "assert coroutine env error getmetatable include ipairs math next pairs pcall rawequal rawget rawlen rawset "
        "secret select "
        "setmetatable string table tonumber tostring type utf8 xpcall");
  CHECK(join(lua::global_names(lua::Surface::strategy)) ==
        "assert clock coroutine error exec getmetatable http image instances ipairs json log math metrics next pairs "
        "pcall probe "
        "proxy random rawequal rawget rawlen rawset require select setmetatable string table task tonumber tostring "
        "type utf8 "
        "xpcall");
  const auto members = [](const std::string& module) {
    Play play;
    play.run("local names = {} for name in pairs(" + module +
             ") do names[#names + 1] = name end error(table.concat(names, ' '))");
    auto performer = play.recorder.root();
    return Play()
        .run("local names = {} for name in pairs(" + module +
             ") do names[#names + 1] = name end error(table.concat(names, ' '))")
        .error->message;
  };
  CHECK(members("string") == "byte char find format gmatch gsub len lower match rep reverse sub upper");
  CHECK(members("table") == "concat insert move pack remove sort unpack");
  CHECK(members("math") ==
        "abs ceil floor fmod huge max maxinteger min mininteger modf pi random randomseed sqrt tointeger type ult");
  CHECK(members("utf8") == "char charpattern codepoint codes len offset");
  CHECK(members("coroutine") == "close create isyieldable resume running status wrap yield");
  CHECK(members("json") == "decode encode null");
  CHECK(members("task") == "all deadline race retry");
}
