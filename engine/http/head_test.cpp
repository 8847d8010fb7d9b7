#include "http/head.hpp"

#include <doctest/doctest.h>

using namespace shunt;
using namespace std::string_literals;

namespace {

http::Headers parsed(std::initializer_list<std::string_view> lines) {
  http::Headers headers;
  for (const auto line : lines) http::add_line(headers, line);
  return headers;
}

}  // namespace

TEST_CASE("headers get lower-case names and trimmed values, in order") {
  CHECK(parsed({"HTTP/1.1 200 OK\r\n", "Content-TYPE: text/html \r\n", "X-Version:v2\r\n", "x-version:\tv3\r\n",
                "\r\n"}) == http::Headers{{"content-type", "text/html"}, {"x-version", "v2"}, {"x-version", "v3"}});
}

TEST_CASE("the headers of an interim answer are forgotten") {
  CHECK(parsed({"HTTP/1.1 103 Early Hints\r\n", "X-Version: wrong\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "A: b\r\n"}) ==
        http::Headers{{"a", "b"}});
}

TEST_CASE("folded lines belong to the header before them") {
  CHECK(parsed({"HTTP/1.0 200 OK", "A: one", "  two", "\tthree"}) == http::Headers{{"a", "one two three"}});
  CHECK(parsed({"HTTP/1.0 200 OK", " lost"}).empty());
}

TEST_CASE("what is no header is passed over") {
  CHECK(parsed({"HTTP/1.1 200 OK", "no colon", ": no name", "bad name: x", "", "Empty:", "A : b"}) ==
        http::Headers{{"empty", ""}});
}

TEST_CASE("the first header of a name is found, or nothing") {
  http::Response response;
  response.headers = {{"a", "1"}, {"a", "2"}};
  CHECK(response.header("a") == "1");
  CHECK(response.header("b").empty());
}

TEST_CASE("names and values that would break the lines of a request are told") {
  CHECK(http::is_token("X-Version_1"));
  for (const auto& text : {""s, "a b"s, "a:b"s, "a\r\nb"s, "a\0"s, "ä"s}) CHECK_FALSE(http::is_token(text));
  CHECK(http::is_header_value("anything: at all, \t\"even\" äöü"));
  CHECK(http::is_header_value(""));
  for (const auto& text : {"a\r\nb: c"s, "a\nb"s, "a\0b"s, "\x7f"s}) CHECK_FALSE(http::is_header_value(text));
}
