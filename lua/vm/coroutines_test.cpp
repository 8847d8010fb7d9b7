#include "vm/coroutines.hpp"

#include <doctest/doctest.h>

#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::test::line_of;
using shunt::lua::test::Play;

TEST_CASE("coroutines of the script work as in Lua") {
  CHECK(line_of(Play().run(R"lua(
    local co = coroutine.create(function(a, b)
      local c = coroutine.yield(a + b)
      local d, e = coroutine.yield(c * 2)
      return d + e
    end)
    assert(coroutine.status(co) == "suspended")
    local ok, value = coroutine.resume(co, 1, 2)
    assert(ok and value == 3)
    ok, value = coroutine.resume(co, 10)
    assert(ok and value == 20)
    ok, value = coroutine.resume(co, 3, 4)
    assert(ok and value == 7 and coroutine.status(co) == "dead")
    ok, value = coroutine.resume(co)
    assert(not ok and value.code == "SH1203")

    local generate = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
    assert(generate() == 1 and generate() == 2 and generate() == 3 and generate() == nil)

    local closed = coroutine.create(function() coroutine.yield() end)
    coroutine.resume(closed)
    assert(coroutine.close(closed) and coroutine.status(closed) == "dead")

    local main, is_main = coroutine.running()
    assert(is_main and coroutine.status(main) == "running" and not coroutine.isyieldable())
    coroutine.wrap(function()
      local _, inner_is_main = coroutine.running()
      assert(not inner_is_main and coroutine.isyieldable() and coroutine.status(main) == "normal")
    end)())lua")) == "ok");
}

TEST_CASE("a perform goes through every coroutine to the host and its answer comes back") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    return call.verb == "metrics.query" ? Outcome(Value("answer to " + call.args["expression"].get<std::string>()))
                                        : Outcome();
  };
  CHECK(line_of(play.run(R"lua(
    local outer = coroutine.wrap(function()
      local inner = coroutine.create(function()
        local first = metrics.query("a")
        coroutine.yield(first)
        return metrics.query("b")
      end)
      local _, one = coroutine.resume(inner)
      coroutine.yield(one)
      local _, two = coroutine.resume(inner)
      return two
    end)
    assert(outer() == "answer to a")
    assert(outer() == "answer to b"))lua")) == "ok");
  CHECK(play.recorder.calls.size() == 2);
  CHECK(play.recorder.places.at(1).line == 6);
}

TEST_CASE("an error of a call passes through coroutines, resume and pcall") {
  Play play;
  play.recorder.answer = [](const Call&) { return Outcome(Error("SH1500", Kind::adapter, "proxy is down")); };
  CHECK(line_of(play.run(R"lua(
    local ok, problem = coroutine.resume(coroutine.create(function() deploy:traffic() end))
    assert(not ok and problem.code == "SH1500" and problem.where.line == 2)
    ok, problem = pcall(coroutine.wrap(function() deploy:traffic() end))
    assert(not ok and problem.code == "SH1500")
    ok, problem = pcall(function() pcall(error, "x") deploy:traffic() end)
    assert(not ok and problem.message == "proxy is down"))lua")) == "ok");
}

TEST_CASE("errors in coroutines tell their own line") {
  CHECK(line_of(Play().run(R"lua(
    coroutine.wrap(function()
      local t
      return t.field
    end)())lua")) == "test.lua:4: 't' is nil here, so it has no fields to read or set (SH1202)");
}

TEST_CASE("coroutine.yield outside of a coroutine of the script is an error") {
  CHECK(line_of(Play().run("coroutine.yield { verb = 'shift', args = {} }")) ==
        "test.lua:1: coroutine.yield works only inside a coroutine of your own (SH1206)");
  CHECK(Play().run("task.all { function() coroutine.yield(1) end }").error->code == "SH1206");
}

TEST_CASE("a call where nothing can wait is an error, not a hang") {
  Play play;
  CHECK(line_of(play.run("('x'):gsub('x', function() deploy:run_checks() end)")).find("(SH1205)") != std::string::npos);
  CHECK(Play().run("tostring(setmetatable({}, { __tostring = function() clock.now() return '' end }))").error->code ==
        "SH1205");
  CHECK(Play().run("('x'):gsub('x', function() coroutine.wrap(function() clock.now() end)() end)").error->code ==
        "SH1205");
  CHECK(play.recorder.calls.empty());
}

TEST_CASE("metamethods and iterators that Lua itself calls may wait") {
  CHECK(line_of(Play().run(R"lua(
    local slow = setmetatable({}, { __index = function(_, key) clock.sleep(1) return key end,
                                    __add = function() clock.sleep(1) return 5 end,
                                    __call = function() clock.sleep(1) return 6 end,
                                    __pairs = function(t) clock.sleep(1) return next, { a = 1 }, nil end })
    assert(slow.field == "field" and slow + slow == 5 and slow() == 6)
    for key, value in pairs(slow) do assert(key == "a" and value == 1) end
    for i in (function() local n = 0 return function() clock.sleep(1) n = n + 1 return n < 4 and n or nil end end)() do end
    local list = { 3, 1, 2 }
    table.sort(list, function(a, b) clock.sleep(0) return a < b end)
    assert(list[1] == 1 and list[2] == 2 and list[3] == 3))lua")) == "ok");
}

TEST_CASE("a coroutine that waits for a call cannot be resumed or closed by another branch") {
  Play play;
  CHECK(line_of(play.run(R"lua(
    local co = coroutine.create(function() clock.sleep(5) return "real" end)
    local main
    local results = task.all {
      function() main = coroutine.running() local _, value = coroutine.resume(co) return value end,
      function()
        clock.sleep(1)
        assert(coroutine.status(co) == "normal")
        local ok, problem = coroutine.resume(co, "forged")
        assert(not ok and problem.code == "SH1203")
        assert(not pcall(coroutine.close, co))
        ok, problem = coroutine.resume(main, "forged")
        assert(not ok and problem.code == "SH1203")
      end,
    }
    assert(results[1] == "real")
    assert(not coroutine.resume(main)))lua")) == "ok");
}

TEST_CASE("protected calls give error objects") {
  CHECK(line_of(Play().run(R"lua(
    local ok, problem = pcall(error, "text")
    assert(not ok and problem.code == "SH1201" and problem.message == "text" and problem.kind == "script")
    ok, problem = pcall(function() error("deep", 2) end)
    assert(not ok and problem.message == "deep")
    local mine = { reason = 7 }
    ok, problem = pcall(error, mine)
    assert(not ok and problem.evidence == mine and problem.where.line == 7)
    ok, problem = pcall(error, { message = "m", code = "X1" })
    assert(not ok and problem.code == "X1" and tostring(problem) == "test.lua:9: m (X1)")
    ok, problem = pcall(error)
    assert(not ok and problem.message == "the script raised nothing as an error")
    ok, problem = pcall(function() local t = nil; t.x = 1 end)
    assert(not ok and problem.code == "SH1202" and problem.message:find("'t' is nil here"))
    assert(select("#", pcall(function() return 1, nil, 3 end)) == 4)
    local handled, text = xpcall(function(a) error("x" .. a) end, function(e) return "handled " .. e.message end, 1)
    assert(not handled and text == "handled x1", text)
    handled, text = xpcall(function(a) clock.sleep(1) return a end, error, "y")
    assert(handled and text == "y")
    handled, text = xpcall(error, function() error("again") end, "x")
    assert(not handled)
    assert(not pcall(pcall))
    ok, problem = pcall(function() assert(false) end)
    assert(problem.message == "assertion failed")
    ok, problem = pcall(function() assert(nil, "why not") end)
    assert(problem.message == "why not")
    assert(getmetatable(problem) == "error" and not pcall(setmetatable, problem, {})))lua")) == "ok");
}

TEST_CASE("a traceback names the author's files and lines only") {
  const auto outcome = Play().run(R"lua(
    local function inner() error("x") end
    local function outer()
      inner()
    end
    pcall(function() end)
    table.sort({ 2, 1 }, function() outer() end))lua");
  REQUIRE(outcome.error);
  CHECK(outcome.error->traceback ==
        "test.lua:2: in function 'inner'\ntest.lua:4: in function 'outer'\ntest.lua:7: in function 'before'\n"
        "test.lua:7: in the function that begins at line 1");
}
