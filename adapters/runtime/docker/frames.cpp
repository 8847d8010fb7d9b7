#include "adapters/runtime/docker/frames.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace shunt::adapters::docker {

namespace {

constexpr std::size_t header_size = 8;
constexpr unsigned char last_stream = 3;

Error broken_stream(const char* why) {
  Error error("SH1415", Kind::adapter, fmt::format("the output of a container cannot be read: {}", why),
              "try again; look at what listens at the address of the container engine");
  error.retryable = true;
  return error;
}

bool is_header(std::string_view header) {
  return static_cast<unsigned char>(header[0]) <= last_stream && header.substr(1, 3) == std::string_view("\0\0\0", 3);
}

std::size_t length_in(std::string_view header) {
  std::size_t length = 0;
  for (const char byte : header.substr(4)) length = length << 8U | static_cast<unsigned char>(byte);
  return length;
}

/// Cuts the first `size` bytes off, or all if there are fewer.
std::string_view take_front(std::string_view& bytes, std::size_t size) {
  const auto front = bytes.substr(0, size);
  bytes.remove_prefix(front.size());
  return front;
}

}  // namespace

Result<std::string> Frames::take(std::string_view bytes) {
  if (terminal_) return std::string(bytes);
  std::string text;
  while (!bytes.empty()) {
    const auto part = take_front(bytes, left_);
    text += part;
    left_ -= part.size();
    header_ += take_front(bytes, header_size - header_.size());
    if (header_.size() < header_size) continue;
    if (!is_header(header_)) return broken_stream("what should begin a frame does not");
    left_ = length_in(header_);
    header_.clear();
  }
  return text;
}

Result<void> Frames::finish() const {
  if (left_ > 0 || !header_.empty()) return broken_stream("it ended amid a frame");
  return {};
}

}  // namespace shunt::adapters::docker
