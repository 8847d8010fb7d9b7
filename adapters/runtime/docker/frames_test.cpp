#include "adapters/runtime/docker/frames.hpp"

#include <doctest/doctest.h>

namespace shunt::adapters::docker {

namespace {

std::string frame(int stream, const std::string& text) {
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(stream);
  for (std::size_t i = 0; i < 4; ++i) bytes[4 + i] = static_cast<char>(text.size() >> (24 - 8 * i) & 0xffU);
  return bytes + text;
}

/// The text, or the error's code.
std::string text_of(const std::string& bytes, std::size_t piece, bool terminal = false) {
  Frames frames(terminal);
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto part = frames.take(std::string_view(bytes).substr(at, piece));
    if (!part) return part.error().code;
    text += *part;
  }
  const auto end = frames.finish();
  return end ? text : end.error().code;
}

TEST_CASE("both streams become one text, in their order, in whatever pieces they come") {
  // recorded from Docker 20.10
  const std::string recorded(
      "\2\0\0\0\0\0\0\x08"
      "err one\n\1\0\0\0\0\0\0\x08"
      "out one\n\1\0\0\0\0\0\0\x08"
      "out two\n",
      48);
  for (std::size_t piece = 1; piece <= recorded.size(); ++piece)
    CHECK(text_of(recorded, piece) == "err one\nout one\nout two\n");
  const auto others = frame(0, "in\n") + frame(1, "") + frame(3, "engine\n") + frame(1, std::string(70'000, 'x'));
  for (const std::size_t piece : {1U, 3U, 8U, 4096U, 100'000U})
    CHECK(text_of(others, piece) == "in\nengine\n" + std::string(70'000, 'x'));
  CHECK(text_of("", 1).empty());
}

TEST_CASE("a text may have any bytes") {
  const std::string text("\0\1\2\xff\r\n", 6);
  CHECK(text_of(frame(1, text), 1) == text);
}

TEST_CASE("a terminal has no frames") {
  CHECK(text_of("plain\r\n\1\2", 3, true) == "plain\r\n\1\2");
}

TEST_CASE("broken frames are an error") {
  CHECK(text_of("plain text\n", 1) == "SH1415");
  CHECK(text_of(frame(4, "x"), 100) == "SH1415");
  CHECK(text_of(std::string("\1\1\0\0\0\0\0\1x", 9), 1) == "SH1415");
  CHECK(text_of(std::string("\1\0\0\1\0\0\0\1x", 9), 1) == "SH1415");
  CHECK(text_of("\xff" + std::string(7, '\0'), 100) == "SH1415");
  CHECK(text_of(frame(1, "cut").substr(0, 10), 100) == "SH1415");
  CHECK(text_of(frame(1, "cut").substr(0, 7), 100) == "SH1415");
  CHECK(text_of(std::string("\1\0\0\0\xff\xff\xff\xffx", 9), 1) == "SH1415");
}

}  // namespace

}  // namespace shunt::adapters::docker
