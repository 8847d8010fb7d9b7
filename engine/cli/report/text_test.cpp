#include <doctest/doctest.h>

#include "cli/report/text.hpp"

using namespace shunt;
using namespace shunt::cli;

TEST_CASE("nothing from outside reaches a terminal as a control") {
  CHECK(printable("a\nb\tc\r\n") == "a b c");
  CHECK(printable("\x1b[31mred\x07") == "\xEF\xBF\xBD[31mred\xEF\xBF\xBD");
  CHECK(printable("\xC2\x9B"
                  "31m") ==
        "\xEF\xBF\xBD"
        "31m");  // CSI as one C1 control
  CHECK(printable("a\xE2\x80\xAE"
                  "b") ==
        "a\xEF\xBF\xBD"
        "b");  // right-to-left override
  CHECK(printable("gr\xC3\xBCn \xE2\x9C\x93") == "gr\xC3\xBCn \xE2\x9C\x93");
}

TEST_CASE("bytes that are not UTF-8 are replaced, one by one") {
  CHECK(printable("a\xFF"
                  "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(printable("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  CHECK(printable("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
  CHECK(printable("\xE2\x9C") == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // cut off
}

TEST_CASE("lines stay lines") {
  CHECK(printable_lines("a\nb\r\nc") == std::vector<std::string>{"a", "b", "c"});
  CHECK(printable_lines("a\n\n") == std::vector<std::string>{"a", ""});
  CHECK(printable_lines("").empty());
}

TEST_CASE("widths count what is seen") {
  CHECK(width_of("gr\xC3\xBCn") == 4);
  CHECK(width_of("\x1b[1mbold\x1b[0m") == 4);
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdefg", 6) == "abc...");
  CHECK(cut("\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", 4) == "\xC3\xBC...");
  CHECK(cut("abcdef", 2) == "..");
  CHECK(padded("ab", 4) == "ab  ");
  CHECK(padded("abcd", 2) == "abcd");
}

TEST_CASE("durations and numbers as people read them") {
  CHECK(elapsed_text(99) == "99ms");
  CHECK(elapsed_text(400) == "0.4s");
  CHECK(elapsed_text(12'300) == "12s");
  CHECK(elapsed_text(65'000) == "1m 5s");
  CHECK(elapsed_text(3'720'000) == "1h 2m");
  CHECK(measured(0.00039999999) == "0.0004");
  CHECK(measured(12) == "12");
  CHECK(measured(nullptr) == "unknown");
}

TEST_CASE("members of anything can be asked for") {
  const Value value = {{"name", "a\nb"}, {"count", 3}, {"list", {1}}, {"none", nullptr}};
  CHECK(text_at(value, "name") == "a b");
  CHECK(text_at(value, "count") == "3");
  CHECK(text_at(value, "none").empty());
  CHECK(text_at(Value::array(), "name").empty());
  CHECK(number_at(value, "count") == 3);
  CHECK(number_at(value, "name", 7) == 7);
  CHECK(number_at(nullptr, "name", 7) == 7);
  CHECK(member(value, "list").size() == 1);
  CHECK(member(value, "name").is_null());
}
