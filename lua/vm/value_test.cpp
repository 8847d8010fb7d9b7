#include "vm/value.hpp"

#include <doctest/doctest.h>
#include <cmath>

#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::test::line_of;
using shunt::lua::test::Play;

namespace {

// What a script sends when it is given `value`.
Value there_and_back(const Value& value) {
  Play play;
  Value sent;
  play.recorder.answer = [&](const Call& call) {
    if (call.verb == "metrics.query") return Outcome(value);
    sent = call.args["value"];
    return Outcome();
  };
  const auto outcome = play.run("local later = deploy later:set_flag('x', metrics.query('y'))");
  CHECK_MESSAGE(outcome.ok(), line_of(outcome));
  return sent;
}

}  // namespace

TEST_CASE("values survive the way into a script and back") {
  for (const Value& value : std::vector<Value>{1,
                                               -1,
                                               0.5,
                                               1.0,
                                               1e300,
                                               true,
                                               false,
                                               "",
                                               "text",
                                               std::string("\0\xff", 2),
                                               {1, 2.0, "x"},
                                               {{"a", 1}, {"b", {{"c", {1, 2}}}}},
                                               {1, nullptr, 3},
                                               std::numeric_limits<std::int64_t>::max(),
                                               std::numeric_limits<std::int64_t>::min()}) {
    const Value back = there_and_back(value);
    CHECK(encode(back) == encode(value));
    CHECK(back.is_number_float() == value.is_number_float());
  }
  CHECK(std::isnan(there_and_back(std::nan("")).get<double>()));
  CHECK(there_and_back(-std::numeric_limits<double>::infinity()).get<double>() < 0);
  CHECK(std::signbit(there_and_back(-0.0).get<double>()));
  CHECK(there_and_back(Value::object()) == Value::array());
  CHECK(there_and_back(std::numeric_limits<std::uint64_t>::max()).is_number_float());
}

TEST_CASE("which of several errors is told does not depend on the order of the table") {
  for (int i = 0; i < 20; ++i) {
    const auto outcome = Play().run("log.info('x', { z = print_me, m = function() end, a = function() end })");
    CHECK(line_of(outcome).find("global 'print_me'") != std::string::npos);
    CHECK(line_of(Play().run("log.info('x', { z = function() end, m = function() end, a = function() end })")) ==
          "test.lua:1: 'fields' of log.info.a is a function, which only the script itself can use (SH1204)");
  }
}

TEST_CASE("a value may be 64 tables deep and 1 MiB large") {
  CHECK(line_of(Play().run("local t = 1 for i = 1, 63 do t = { t } end json.encode(t)")) == "ok");
  CHECK(Play().run("local t = 1 for i = 1, 65 do t = { t } end json.encode(t)").error->code == "SH1204");
  CHECK(line_of(Play().run("json.encode(('x'):rep(1000000))")) == "ok");
  CHECK(Play().run("local t = {} for i = 1, 70000 do t[i] = i end json.encode(t)").error->code == "SH1204");
}
