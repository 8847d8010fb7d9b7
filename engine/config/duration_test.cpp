#include "shunt/duration.hpp"

#include <doctest/doctest.h>

using namespace shunt;

TEST_CASE("durations as people write them") {
  const auto ms = [](const Value& value) { return duration_from(value).value().count(); };
  CHECK(ms("250ms") == 250);
  CHECK(ms("180s") == 180'000);
  CHECK(ms("180") == 180'000);
  CHECK(ms(180) == 180'000);
  CHECK(ms(0.25) == 250);
  CHECK(ms("1.5h") == 5'400'000);
  CHECK(ms("7d") == 604'800'000);
}

TEST_CASE("what is not a duration is refused") {
  for (const Value& value : {Value("3 s"), Value("s"), Value(""), Value("-1s"), Value(-1), Value("1e9h"), Value("3x"),
                             Value(true), Value("inf"), Value("nan")}) {
    CAPTURE(to_text(value));
    const auto parsed = duration_from(value);
    CHECK(!parsed);
    if (!parsed) CHECK(parsed.error().code == "SH1006");
  }
}

TEST_CASE("shown shortly") {
  CHECK(to_text(Milliseconds(250)) == "250ms");
  CHECK(to_text(Milliseconds(1'500)) == "1.5s");
  CHECK(to_text(Milliseconds(90'000)) == "1m 30s");
  CHECK(to_text(Milliseconds(3'600'000)) == "1h");
  CHECK(to_timestamp(1614265330250) == "2021-02-25T15:02:10.250Z");
}
