#include "adapters/runtime/docker/base64.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

namespace shunt::adapters::docker {

namespace {

TEST_CASE("base64 of any length, with and without padding") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : cases) {
    CHECK(to_base64url(bytes) == text);
    CHECK(from_base64(text) == bytes);
    CHECK(from_base64(text.substr(0, text.find('='))) == bytes);
  }
}

TEST_CASE("the two alphabets differ in two digits") {
  CHECK(to_base64url("\xfb\xff") == "-_8=");
  CHECK(from_base64("+/8=") == "\xfb\xff");
  CHECK_FALSE(from_base64("-_8="));
}

TEST_CASE("every byte comes back") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  auto text = to_base64url(bytes);
  for (char& digit : text) digit = digit == '-' ? '+' : digit == '_' ? '/' : digit;
  CHECK(from_base64(text) == bytes);
}

TEST_CASE("what is no base64 gives nothing") {
  for (const char* text : {"A", "AAAAA", "A===", "====", "=", "AA=A", "AB C", "AB\n=", "\xc3\xa4==", "AA===", "AAAA="})
    CHECK_MESSAGE(!from_base64(text), std::string(text));
}

}  // namespace

}  // namespace shunt::adapters::docker
