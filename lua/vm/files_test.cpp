// Loading: app files, strategies, what they include and require, and what is wrong with them.
#include "vm/files.hpp"

#include <doctest/doctest.h>

#include "vm/recorder.hpp"
#include "vm/strategy.hpp"

using namespace shunt;
using shunt::lua::test::Play;

namespace {

using Files = std::map<std::string, std::string>;

Result<AppFile> load_app(const Files& files, const std::map<std::string, std::string>& environment = {}) {
  const auto from = [](const auto& map) {
    return [map](const std::string& name) -> std::optional<std::string> {
      const auto found = map.find(name);
      return found == map.end() ? std::nullopt : std::optional(found->second);
    };
  };
  return lua::make_runtime({})->load_app("shunt.lua", from(files), from(environment));
}

std::string app_error(const std::string& text) {
  const auto app = load_app({{"shunt.lua", text}});
  return app ? "ok" : to_line(app.error());
}

std::string strategy_error(const std::string& text) {
  const auto error = Play().load(text);
  return error ? to_line(*error) + (error->remedy.empty() ? "" : " | " + error->remedy) : "ok";
}

}  // namespace

TEST_CASE("an app file is evaluated to its table") {
  const auto app = load_app({{"shunt.lua", R"(
local web = { command = { "node", "server.js" }, ports = { blue = 3000, green = 3001 } }
return {
  app = "shop",
  timeout = "1h",
  ratio = 1.0,
  services = { web = { runtime = web, env = { DB = secret "file:db-url", TOKEN = secret "env:TOKEN" },
    check = secret { command = { "vault", "read" } } } },
  more = include "more.lua",
  region = env "REGION",
  other = env "OTHER",
})"},
                             {"more.lua", "return {\n  a = 1,\n}"}},
                            {{"REGION", "eu"}});
  REQUIRE_MESSAGE(app, (app ? "" : to_line(app.error())));
  CHECK(app->table["app"] == "shop");
  CHECK(app->table["ratio"].is_number_float());
  CHECK(app->table["services"]["web"]["runtime"]["ports"]["green"] == 3001);
  CHECK(app->table["services"]["web"]["env"]["DB"] == Value{{"$secret", {{"file", "db-url"}}}});
  CHECK(app->table["services"]["web"]["env"]["TOKEN"] == Value{{"$secret", {{"env", "TOKEN"}}}});
  CHECK(app->table["services"]["web"]["check"] == Value{{"$secret", {{"command", {"vault", "read"}}}}});
  CHECK(app->table["more"]["a"] == 1);
  CHECK(app->table["region"] == "eu");
  CHECK_FALSE(app->table.contains("other"));
  CHECK(app->environment == Value{{"REGION", "eu"}, {"OTHER", nullptr}});
  REQUIRE(app->sources.size() == 2);
  CHECK(app->sources[1].name == "more.lua");
  REQUIRE(app->warnings.size() == 1);
  CHECK(app->warnings[0].starts_with("shunt.lua:7: the secret env:TOKEN"));
  CHECK(app->places.at("services.web.runtime.ports").line == 2);
  CHECK(app->places.at("timeout").line == 5);
  CHECK(app->places.at("more.a").file == "more.lua");
  CHECK(app->places.at("more.a").line == 2);
  CHECK(app->places.at("").line == 3);
}

TEST_CASE("what is wrong with an app file is told with its line") {
  CHECK(app_error("return {\n  app = 'x'\n  b = 2\n}") ==
        "shunt.lua:3: syntax error: '}' expected (to close '{' at line 1) near 'b' (SH1101)");
  CHECK(app_error("return {") == "shunt.lua:1: syntax error: unexpected symbol near the end of the file (SH1101)");
  CHECK(app_error("\nreturn { a = evn 'X' }") == "shunt.lua:2: there is no global 'evn' (SH1103)");
  CHECK(app_error("x = 1 return {}") ==
        "shunt.lua:1: 'x' is not declared: scripts have no global variables of their own (SH1103)");
  CHECK(app_error("local t = nil\nreturn { a = t.b }") ==
        "shunt.lua:2: 't' is nil here, so it has no fields to read or set (SH1202)");
  CHECK(app_error("return 1") == "shunt.lua:1: an app file must return a table (SH1105)");
  CHECK(app_error("local x = 1") == "shunt.lua: an app file must return a table (SH1105)");
  CHECK(app_error("return {\n f = function() end }").find("(SH1204)") != std::string::npos);
  CHECK(app_error("return include 'gone.lua'") == "shunt.lua:1: there is no file gone.lua (SH1102)");
  CHECK(app_error("return include '../x.lua'").find("inside the folder only") != std::string::npos);
  CHECK(app_error("return { s = secret 'vault:x' }").find("secret wants \"env:NAME\"") != std::string::npos);
  CHECK(app_error("return { a = math.random() }").find("(SH1109)") != std::string::npos);
  CHECK(app_error("while true do end").starts_with("shunt.lua:1: the script ran "));
  CHECK(app_error("local s = 'x' while true do s = s .. s end").find("(SH1283)") != std::string::npos);
  CHECK(app_error("\x1bLuaS").find("the file holds bytecode (SH1104)") != std::string::npos);
  CHECK(app_error("return clock.now()").find("there is no global 'clock'") != std::string::npos);
  CHECK(load_app({}).error().code == "SH1102");
  CHECK(load_app({{"shunt.lua", std::string(2'000'000, ' ')}}).error().code == "SH1114");
  const auto looped = load_app({{"shunt.lua", "return include 'a.lua'"},
                                {"a.lua", "return include 'b.lua'"},
                                {"b.lua", "return include 'a.lua'"}});
  REQUIRE_FALSE(looped);
  CHECK(to_line(looped.error()) == "b.lua:1: a.lua needs itself, directly or through others (SH1110)");
  const auto inner = load_app({{"shunt.lua", "return include 'a.lua'"}, {"a.lua", "return {\n  b = }"}});
  CHECK(to_line(inner.error()) == "a.lua:2: syntax error: unexpected symbol near '}' (SH1101)");
  CHECK_FALSE(load_app({{"shunt.lua", "while true do end"}}).error().control);
}

TEST_CASE("every undeclared global is found at once, with what may have been meant") {
  const auto error = Play().load(
      "local a = prinnt\nlocal b = clok\nreturn { api = 1, summary = 's', run = function(deploy)\n  conut = 1\n  "
      "clock.slep(1)\n  dploy:shift(100)\nend }");
  REQUIRE(error);
  CHECK(error->where.line == 1);
  const auto& findings = error->evidence.at("findings");
  REQUIRE(findings.size() == 5);
  CHECK(findings[4]["remedy"] == "did you mean 'deploy'?");
  CHECK(findings[1] == Value{{"name", "clok"},
                             {"line", 2},
                             {"message", "there is no global 'clok'"},
                             {"remedy", "did you mean 'clock'?"}});
  CHECK(findings[2]["remedy"] == "write `local` in front of 'conut'");
  CHECK(findings[3]["name"] == "clock.slep");
  CHECK(findings[3]["remedy"] == "did you mean 'clock.sleep'?");
}

TEST_CASE("what a strategy must return") {
  const std::string run = "run = function() end }";
  CHECK(strategy_error("return { api = 1, summary = 's', " + run) == "ok");
  CHECK(strategy_error("return 5").find("a strategy must return a table (SH1105)") != std::string::npos);
  CHECK(strategy_error("return { summary = 's', " + run)
            .find("does not say which version of the API it is written for (SH1106)") != std::string::npos);
  CHECK(strategy_error("return {\n  api = 2, summary = 's', " + run)
            .find("test.lua:2: the strategy is written for version 2 of the API (SH1106)") == 0);
  CHECK(strategy_error("return {\n api = 1,\n sumary = 's', " + run) ==
        "test.lua:3: a strategy has no key 'sumary' (SH1107) | did you mean 'summary'?");
  CHECK(strategy_error("return { api = 1, " + run).find("needs a summary") != std::string::npos);
  CHECK(strategy_error("return { api = 1, summary = 's' }").find("needs a function 'run'") != std::string::npos);
  CHECK(strategy_error("return { api = 1, summary = 's', downtime = 'yes', " + run)
            .find("downtime must be true or false") != std::string::npos);
  CHECK(strategy_error("return { api = 1, summary = 's',\n options = {\n soak = { typ = 'duration' } }, " + run) ==
        "test.lua:3: the option 'soak' has the unknown key 'typ' (SH1108) | did you mean 'type'?");
  CHECK(strategy_error("return { api = 1, summary = 's', options = { n = { type = 'time' } }, " + run)
            .find("has no known type") != std::string::npos);
  CHECK(strategy_error("return { api = 1, summary = 's', options = { n = { type = 'integer', default = 'x' } }, " + run)
            .find("the default of the option 'n' does not fit its type integer") != std::string::npos);
  CHECK(strategy_error("clock.now() return {}").find("nothing may be done while the file is loaded") !=
        std::string::npos);
  CHECK(strategy_error("return { api = 1, summary = 's', downtime = true, " + run) == "ok");
}

TEST_CASE("a secret of the app file reaches a build as the handle that it is") {
  Play play;
  REQUIRE_FALSE(play.load(R"lua(
return {
  api = 1, summary = "s",
  options = { key = { type = "string" } },
  run = function(deploy, options)
    image.build { image = "shop:v2", context = ".", args = { KEY = options.key } }
  end,
})lua"));
  const auto options = play.script->options({{"key", {{"$secret", {{"file", "key"}}}}}});
  REQUIRE(options);
  CHECK(lua::test::line_of(play.go(*options)) == "ok");
  CHECK(play.recorder.calls ==
        std::vector<std::string>{
            R"(image.build {"args":{"KEY":{"$secret":{"file":"key"}}},"context":".","image":"shop:v2"})"});
}

TEST_CASE("options are checked, filled in and converted") {
  Play play;
  REQUIRE_FALSE(play.load(R"lua(
return {
  api = 1, summary = "s",
  options = {
    soak = { type = "duration", default = "60s", doc = "d" },
    steps = { type = "percents", default = { 10, 50, 100 }, doc = "d" },
    count = { type = "integer", default = 2 },
    ratio = { type = "number" },
    name = { type = "string" },
    fast = { type = "boolean", default = false },
    hosts = { type = "list" },
  },
  run = function(deploy, options)
    deploy:soak(options.soak)
    for _, percent in ipairs(options.steps) do deploy:shift(percent) end
    assert(options.count == 2 and options.ratio == nil and options.fast == false)
  end,
})lua"));
  const auto filled = play.script->options(Value::object());
  REQUIRE(filled);
  CHECK(*filled == Value{{"soak", 60000}, {"steps", {10, 50, 100}}, {"count", 2}, {"fast", false}});
  CHECK(*play.script->options(Value::array()) == *filled);
  const auto given = play.script->options({{"soak", 90.5},
                                           {"steps", "5, 100"},
                                           {"count", "7"},
                                           {"ratio", "0.5"},
                                           {"name", "x"},
                                           {"fast", "true"},
                                           {"hosts", "a,b"}});
  REQUIRE(given);
  CHECK(*given == Value{{"soak", 90500},
                        {"steps", {5, 100}},
                        {"count", 7},
                        {"ratio", 0.5},
                        {"name", "x"},
                        {"fast", true},
                        {"hosts", {"a", "b"}}});
  const auto unknown = play.script->options({{"soaks", 1}});
  REQUIRE_FALSE(unknown);
  CHECK(to_line(unknown.error()) == "the strategy has no option 'soaks' (SH1007)");
  CHECK(unknown.error().remedy == "did you mean 'soak'?");
  CHECK(play.script->options({{"steps", {10, 120}}}).error().code == "SH1008");
  CHECK(play.script->options({{"steps", {10.5}}}).error().code == "SH1008");
  CHECK(play.script->options({{"count", 1.5}}).error().code == "SH1008");
  CHECK(play.script->options({{"soak", "soon"}}).error().code == "SH1008");
  CHECK(play.script->options({{"fast", 1}}).error().code == "SH1008");
  CHECK(play.script->options({{"name", {{"file", "no handle"}}}}).error().code == "SH1008");
  CHECK(lua::test::line_of(play.go(*filled)) == "ok");
  CHECK(play.recorder.calls == std::vector<std::string>{R"(soak {"duration_ms":60000})", R"(shift {"percent":10})",
                                                        R"(shift {"percent":50})", R"(shift {"percent":100})"});
}

TEST_CASE("modules are required beside the script and from the folder of strategies") {
  Play play;
  play.files["health.lua"] = "local health = {} function health.check() log.info('checked') end return health";
  play.files["strategies/other/deep.lua"] = "return { value = require('health') }";
  CHECK(lua::test::line_of(play.run("")) == "ok");
  REQUIRE_FALSE(
      play.load("local health, deep = require 'health', require 'other.deep'\n"
                "return { api = 1, summary = 's', run = function() assert(deep.value == health) "
                "require('health').check() end }"));
  CHECK(lua::test::line_of(play.go()) == "ok");
  CHECK(play.recorder.calls.back() == R"(log {"level":"info","text":"checked"})");
  REQUIRE(play.script->info().sources.size() == 3);
  CHECK(play.script->info().sources[2].name == "strategies/other/deep.lua");
  CHECK(Play().run("require 'late'").error->code == "SH1113");
  Play gone;
  const auto error = gone.load("return require 'gone'");
  REQUIRE(error);
  CHECK(to_line(*error) == "test.lua:1: there is no file gone.lua or strategies/gone.lua (SH1102)");
  Play looped;
  looped.files["a.lua"] = "return require 'a'";
  CHECK(looped.load("return require 'a'")->code == "SH1110");
  Play empty;
  empty.files["a.lua"] = "local x = 1";
  CHECK(empty.load("return require 'a'")->code == "SH1105");
}

TEST_CASE("bundled strategies are known by name") {
  const auto runtime =
      lua::make_runtime({Source("gradual", "return { api = 1, summary = 'slow', run = function(d) d.x = 1 end }")});
  auto script = runtime->load_strategy("gradual", nullptr, ScriptLimits());
  REQUIRE(script);
  CHECK((*script)->info().name == "gradual");
  CHECK((*script)->info().sources[0].name == "strategies/gradual.lua");
  const auto unknown = runtime->load_strategy("graduall", nullptr, ScriptLimits());
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().remedy == "did you mean 'gradual'?");
  CHECK(runtime->load_strategy("mine.lua", nullptr, ScriptLimits()).error().code == "SH1102");
}
