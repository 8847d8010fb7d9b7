#include "shunt/schema.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace shunt;

namespace {

Schema example() {
  Key port;
  port.name = "port";
  port.type = Type::integer;
  port.required = true;
  Key timeout;
  timeout.name = "timeout";
  timeout.type = Type::duration;
  timeout.fallback = 5000;
  Key ports;
  ports.name = "ports";
  ports.type = Type::per_color;
  ports.item = Type::integer;
  Key window;
  window.name = "window";
  window.later = "time windows come later";
  Key env;
  env.name = "env";
  env.type = Type::map;
  env.secret = true;
  return Schema{{port, timeout, ports, window, env}};
}

std::string code_of(const Result<Value>& result) {
  return result ? "" : result.error().code;
}

}  // namespace

TEST_CASE("a whole number may be written as any number that is one") {
  CHECK(*validate(example(), {{"port", 80.0}}, "web") == *validate(example(), {{"port", 80}}, "web"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& odd : {Value(80.5), Value(nan), Value(1e300), Value(-1e300), Value(2'147'483'648), Value("80")})
    CHECK(code_of(validate(example(), {{"port", odd}}, "web")) == "SH1002");
}

TEST_CASE("defaults are filled in and durations become milliseconds") {
  const auto config = validate(example(), {{"port", 80}}, "web");
  REQUIRE(config);
  CHECK((*config)["timeout"] == 5000);
  CHECK((*validate(example(), {{"port", 80}, {"timeout", "3s"}}, "web"))["timeout"] == 3000);
}

TEST_CASE("an unknown key names the nearest known one") {
  const auto config = validate(example(), {{"port", 80}, {"timeuot", "3s"}}, "web");
  REQUIRE(code_of(config) == "SH1001");
  CHECK(config.error().remedy == "did you mean 'timeout'?");
  CHECK(config.error().evidence["path"] == "web.timeuot");
}

TEST_CASE("wrong types, missing keys and later keys each have their code") {
  CHECK(code_of(validate(example(), {{"port", "80"}}, "web")) == "SH1002");
  CHECK(code_of(validate(example(), Value::object(), "web")) == "SH1003");
  CHECK(code_of(validate(example(), {{"port", 80}, {"window", 1}}, "web")) == "SH1004");
  CHECK(code_of(validate(example(), 7, "web")) == "SH1002");
  CHECK(code_of(validate(example(), {{"port", 80}, {"ports", {{"blue", 1}}}}, "web")) == "SH1003");
  CHECK(code_of(validate(example(), {{"port", 80}, {"ports", {{"red", 1}}}}, "web")) == "SH1001");
}

TEST_CASE("one or several per colour become lists; secrets pass where they may") {
  const auto config = validate(example(),
                               {{"port", 80},
                                {"ports", {{"blue", 1}, {"green", {2, 3}}}},
                                {"env", {{"DB", {{"$secret", {{"env", "X"}}}}}, {"N", 3}}}},
                               "web");
  REQUIRE(config);
  CHECK((*config)["ports"] == Value({{"blue", {1}}, {"green", {2, 3}}}));
  CHECK((*config)["env"]["N"] == "3");
}

TEST_CASE("nearest finds a slip and nothing far away") {
  CHECK(nearest("haproxi", {"haproxy", "nginx"}) == "haproxy");
  CHECK(nearest("envoy", {"haproxy", "nginx"}).empty());
}
