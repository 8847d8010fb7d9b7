#include "vm/covered.hpp"

#include <doctest/doctest.h>
#include <lua.hpp>
#include <memory>

#include "runtime.hpp"
#include "vm/recorder.hpp"

using namespace shunt;

namespace {

int append(lua_State*, const void* bytes, std::size_t size, void* target) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(bytes), size);
  return 0;
}

std::string compiled(const std::string& text) {
  const std::unique_ptr<lua_State, void (*)(lua_State*)> state(luaL_newstate(), &lua_close);
  REQUIRE(luaL_loadbufferx(state.get(), text.data(), text.size(), "=x", "t") == LUA_OK);
  std::string bytes;
  lua_dump(state.get(), &append, &bytes, 0);
  return bytes;
}

}  // namespace

TEST_CASE("the lines with code are those that Lua's own compiler made some for") {
  CHECK(lua::lines_with_code(compiled("local a = 1\n\nlocal function f()\n  return a\nend\n\nreturn f")) ==
        std::set<int>{1, 4, 5, 7});
  CHECK(lua::lines_with_code(
            compiled("return {\n  a = 1.5,\n  run = function(x)\n    -- nothing\n    x.y = 'z'\n  end,\n}")) ==
        std::set<int>{1, 2, 5, 6, 7});
  std::string far = "local x = 1\n";
  far.append(500, '\n');
  CHECK(lua::lines_with_code(compiled(far + "x = 2")) == std::set<int>{1, 502});
}

TEST_CASE("bytes that are no compiled Lua have no lines, and end") {
  const auto bytes = compiled("local a = { 1, 'b', 2.5, function() return true end }\nreturn a");
  CHECK(lua::lines_with_code("").empty());
  CHECK(lua::lines_with_code("\x1bLua").empty());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(lua::lines_with_code(bytes.substr(0, size)).size() < 10);
  for (std::size_t at = 31; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x7f);
    CHECK(lua::lines_with_code(damaged).size() < 1'000);
  }
}

TEST_CASE("lines that were reached are counted, over several loads") {
  Coverage coverage;
  const auto runtime = lua::make_runtime({});
  const std::string text =
      "return {\n  api = 1,\n  summary = 'x',\n  run = function(deploy)\n    if deploy.version == 'v1' then\n"
      "      deploy:fail('never')\n    end\n    deploy:run_checks()\n  end,\n}";
  for (int i = 0; i < 2; ++i) {
    ScriptLimits limits;
    limits.coverage = &coverage;
    auto script = runtime->load_strategy(
        "a.lua", [&](const std::string&) { return text; }, std::move(limits));
    REQUIRE(script);
    lua::test::Recorder recorder;
    const auto door = recorder.root();
    CHECK(recorder.run((*script)->run(*door, {{"version", "v2"}}, Value::object())).ok());
  }
  const auto& lines = coverage.at("a.lua");
  CHECK(lines.at(5) == 2);
  CHECK(lines.at(6) == 0);
  CHECK(lines.at(8) == 2);
  CHECK(lines.count(7) == 0);
}
