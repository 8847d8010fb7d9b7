#include "shunt/value.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "shunt/json.hpp"

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

TEST_CASE("the canonical form is what comes back from bytes, type by type") {
  const Value value = {
      {"int", 1},  {"negative", -1}, {"float", 1.0},    {"bytes", "\xff"},           {"list", {1, {-2, 3U}, true}},
      {"zero", 0}, {"minus", -0.0},  {"none", nullptr}, {"nothing", Value::array()}, {"most", INT64_MAX}};
  const Value back = decode(encode(value));
  const Value flat = value.flatten();
  const Value same = canonical(value);
  CHECK(same == back);
  CHECK(encode(same) == encode(value));
  for (const auto& [pointer, item] : flat.items()) {
    const Value::json_pointer at(pointer);
    CHECK_MESSAGE(same[at].type() == back[at].type(), pointer);
  }
  CHECK(encode(canonical(-std::nan("3"))) == encode(std::nan("")));
  Value deep = 1;
  for (int i = 0; i < 256; ++i) deep = Value::array({deep});
  CHECK(canonical(deep) == deep);
  CHECK_THROWS_AS(canonical(Value::array({deep})), std::invalid_argument);
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

TEST_CASE("what is nested too deeply is refused, however it is written") {
  const auto nested = [](std::size_t depth, const std::string& open) {
    std::string bytes;
    for (std::size_t i = 0; i < depth; ++i) bytes += open;
    return bytes + '\x01';
  };
  CHECK(decode(nested(256, "\x81")).is_array());
  CHECK(decode(nested(256, "\xa1\x61k")).is_object());
  for (const std::size_t depth : {257U, 1'000'000U})
    for (const char* open : {"\x81", "\xa1\x61k", "\x9f", "\xbf\x61k", "\x7f", "\x5f", "\xc1"})
      CHECK_THROWS_AS(decode(nested(depth, open)), std::invalid_argument);
}

TEST_CASE("bytes of a form that is never written are refused") {
  for (const char* bytes :
       {"\xc1\x01", "\x9f\x01\xff", "\x7f\x61\x61\xff", "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff\x01", "\x1c"})
    CHECK_THROWS_AS(decode(bytes), std::invalid_argument);
}

TEST_CASE("JSON of others is read up to 64 levels") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_json(nested(64)));
  CHECK_FALSE(parse_json(nested(65)));
  CHECK_FALSE(parse_json(nested(1'000'000)));
  CHECK_FALSE(parse_json("[1"));
  CHECK(parse_json("\"" + std::string(100, '[') + "\\\"[\""));
  CHECK(depth_of_json("[{}, [[]]]") == 3);
}

TEST_CASE("text is always valid JSON") {
  CHECK(to_text({{"a", std::nan("")}, {"b", "\xff"}}) == "{\"a\":null,\"b\":\"\xef\xbf\xbd\"}");
}

TEST_CASE("sha256 is the standard one") {
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
