#include "supervise/record.hpp"

#include <doctest/doctest.h>

namespace shunt::supervise {

namespace {

TEST_CASE("a record comes back as it was, whatever its values hold") {
  const Record record = {{"arg", ""}, {"arg", "two words"}, {"arg", "end 0\n\n"}, {"env", std::string("\0\xff\n", 3)}};
  const auto again = decode(encode(record));
  REQUIRE(again.has_value());
  CHECK(*again == record);
  CHECK(values_of(*again, "arg").size() == 3);
  CHECK(value_of(*again, "arg").empty());
  CHECK(value_of(*again, "other").empty());
  CHECK(decode(encode({})).value() == Record());
}

TEST_CASE("a record that was cut off anywhere, or that goes on, is none") {
  const auto bytes = encode({{"id", "shop"}, {"arg", "a\nb"}});
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(decode(bytes.substr(0, length)).has_value());
  CHECK_FALSE(decode(bytes + "x").has_value());
  CHECK_FALSE(decode(bytes + bytes).has_value());
}

TEST_CASE("what only looks like a record is none") {
  const std::string head = "shunt-supervise 1\n";
  for (const char* rest :
       {"id -1\n\nend 0\n\n", "id 99999999999999999999\nx\nend 0\n\n", "id x\nx\nend 0\n\n", " 1\nx\nend 0\n\n",
        "id 1 \nx\nend 0\n\n", "id 1\nxx\nend 0\n\n", "id\nend 0\n\n", "end 1\nx\n"})
    CHECK_FALSE(decode(head + rest).has_value());
  CHECK_FALSE(decode("shunt-supervise 2\nend 0\n\n").has_value());
}

TEST_CASE("numbers are whole or not there") {
  const Record record = {{"a", "12"}, {"b", "-3"}, {"c", "12x"}, {"d", ""}};
  CHECK(number_of(record, "a") == 12);
  CHECK(number_of(record, "b") == -3);
  CHECK(number_of(record, "c", 7) == 7);
  CHECK(number_of(record, "d", 7) == 7);
  CHECK(number_of(record, "e", 7) == 7);
}

}  // namespace

}  // namespace shunt::supervise
