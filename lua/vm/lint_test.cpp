#include "vm/lint.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace shunt;

namespace {

// "SH2203:2 ..." of what is found in the body of a run function, which begins on line 1.
std::string found(const std::string& body, const Value& options = Value::object()) {
  std::string all;
  for (const auto& error : lua::lint("a.lua", "return { run = function(deploy, options)\n" + body + "\nend }", options))
    all += fmt::format("{}{}:{}", all.empty() ? "" : " ", error.code, error.where.line);
  return all;
}

constexpr const char* good = "local new = deploy:launch()\nnew:await_healthy()\ndeploy:shift(100)\ndeploy:soak('1m')\n";

}  // namespace

TEST_CASE("a good strategy has no remarks") {
  CHECK(found(std::string(good) + "deploy:retire_old()") == "");
  CHECK(found("deploy:phase('x', function() deploy:shift(100) end) deploy:soak(1) deploy:retire_old { hold = '1h' }") ==
        "");
}

TEST_CASE("an option that is never used") {
  const Value options = {{"soak", {{"type", "duration"}}}};
  CHECK(found("deploy:soak(options.soak)", options) == "");
  CHECK(found("deploy:soak(options['soak'])", options) == "");
  CHECK(found("for name in pairs({}) do log.info(options[name]) end", options) == "");
  CHECK(found("local x = 1", options) == "SH2201:0");
}

TEST_CASE("a primitive's name that is taken") {
  CHECK(found("local probe = 1") == "SH2202:2");
  CHECK(found("for _, proxy in ipairs {} do end") == "SH2202:2");
  CHECK(found("local function f(a, clock) end") == "SH2202:2");
  CHECK(found("local function log() end") == "SH2202:2");
  CHECK(found("local old, new, share = 1, 2, 3") == "");
  CHECK(found("local t = { proxy = 1, clock = 2 }") == "");
}

TEST_CASE("a result that is ignored") {
  CHECK(found("deploy:check_gates()") == "SH2203:2");
  CHECK(found("probe.http { url = 'x' }\nmetrics.query('x')") == "SH2203:2 SH2203:3");
  CHECK(found("exec.run { 'true' }") == "SH2203:2");
  CHECK(found("if true then exec.run { 'true' } end") == "SH2203:2");
  CHECK(found("local done = exec.run { 'true' }") == "");
  CHECK(found("image.push { image = 'shop:v2' }") == "");
  CHECK(found("if exec.run({ 'true' }).code ~= 0 then deploy:fail('x') end") == "");
  CHECK(found("return metrics.query('x')") == "");
  CHECK(found("log.info(clock.now())") == "");
  CHECK(found("deploy:launch()\ntask.all { function() end }") == "");
}

TEST_CASE("retired without a gate after the last shift") {
  CHECK(found("deploy:shift(100)\ndeploy:retire_old()") == "SH2204:3");
  CHECK(found("deploy:shift(10)\ndeploy:soak(1)\ndeploy:shift(100)\ndeploy:retire_old()") == "SH2204:5");
  CHECK(found("deploy:shift(100)\nif metrics.query('x').value then end\ndeploy:retire_old()") == "");
  CHECK(found("deploy:shift(100)\ndeploy:retire_old { hold = '1h' }") == "");
  CHECK(found("deploy:shift(100)") == "");
}

TEST_CASE("what stands after the old version is gone") {
  const auto retired = std::string(good) + "deploy:retire_old()\n";
  CHECK(found(retired + "deploy:shift(100)") == "SH2205:7");
  CHECK(found(retired + "proxy.set { service = 'web', blue = 0, green = 100 }") == "SH2205:7");
  CHECK(found(retired + "log.info(deploy.live)") == "SH2205:7");
  CHECK(found(retired + "deploy:on_rollback('x', function() end)") == "SH2206:7");
  CHECK(found(retired + "deploy:soak(1)\nlog.info(deploy.version)") == "");
  CHECK(found(std::string(good) + "deploy:retire_old { hold = '1h' }\ndeploy:shift(100)\ndeploy:soak(1)") == "");
}

TEST_CASE("the length of a table with holes") {
  CHECK(found("local t = { 1, nil, 3 }\nlog.info(#t)") == "SH2207:3");
  CHECK(found("local t = {}\nt[2] = nil\nlog.info(#t)") == "SH2207:4");
  CHECK(found("local t = { 1, 2, 3 }\nlog.info(#t)") == "");
  CHECK(found("local t = { a = nil }\nlog.info(#t)") == "");
}

TEST_CASE("whatever stands there, it ends") {
  for (const char* text :
       {"", "return", "deploy:shift(", "{ { {", "local", "function", "for", "#", "a:b{", "a.b[", "\"", "--[["})
    CHECK(lua::lint("a.lua", text, Value::object()).size() < 3);
}
