#include "shunt/value.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <stdexcept>

using namespace shunt;

TEST_CASE("what is encoded comes back the same, of the same type") {
  const std::string bytes("\xff\x00\x80", 3);
  const Value value = {
      {"int", 1}, {"float", 1.0}, {"bytes", bytes}, {"list", {1, "a", nullptr, true}}, {"none", Value::object()}};
  const Value back = decode(encode(value));
  CHECK(back == value);
  CHECK(back["int"].is_number_integer());
  CHECK(back["float"].is_number_float());
  CHECK(encode(Value(1)) != encode(Value(1.0)));
}

TEST_CASE("negative zero, infinity and NaN survive; every NaN is the same NaN") {
  CHECK(std::signbit(decode(encode(-0.0)).get<double>()));
  CHECK(decode(encode(-std::numeric_limits<double>::infinity())).get<double>() ==
        -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(decode(encode(std::nan("7"))).get<double>()));
  CHECK(encode(-std::nan("")) == encode(std::nan("7")));
}

TEST_CASE("damaged bytes are refused") {
  CHECK_THROWS_AS(decode("\x82\x01"), std::invalid_argument);
  CHECK_THROWS_AS(decode(""), std::invalid_argument);
}

TEST_CASE("text is always valid JSON") {
  CHECK(to_text({{"a", std::nan("")}, {"b", "\xff"}}) == "{\"a\":null,\"b\":\"\xef\xbf\xbd\"}");
}

TEST_CASE("sha256 is the standard one") {
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
