#include "config/encoding.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace shunt {

namespace {

// Major types.
constexpr unsigned byte_string = 2;
constexpr unsigned text = 3;
constexpr unsigned list = 4;
constexpr unsigned object = 5;
constexpr unsigned tag = 6;

/// What stands before the content of an item.
struct Head {
  unsigned type = 0;
  std::uint64_t number = 0;  ///< a length, a count, or the content itself
};

/// Takes it off `bytes`; nothing when they end before, or when the length is left open.
std::optional<Head> take_head(std::string_view& bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  Head head;
  head.type = first >> 5U;
  head.number = first & 0x1fU;
  if (head.number < 24) return head;
  if (head.number > 27) return std::nullopt;
  const std::size_t width = std::size_t{1} << (head.number - 24);
  if (bytes.size() < width) return std::nullopt;
  head.number = 0;
  for (const char byte : bytes.substr(0, width)) head.number = head.number << 8U | static_cast<unsigned char>(byte);
  bytes.remove_prefix(width);
  return head;
}

}  // namespace

bool is_encoding(std::string_view bytes, std::size_t deepest) {
  std::vector<std::uint64_t> missing = {1};  // items of each list and object that is open
  while (!missing.empty()) {
    if (missing.back() == 0) {
      missing.pop_back();
      continue;
    }
    --missing.back();
    const auto head = take_head(bytes);
    if (!head || head->type == tag) return false;
    const bool has_content = head->type == byte_string || head->type == text;
    const bool has_items = head->type == list || head->type == object;
    if ((has_content || has_items) && head->number > bytes.size()) return false;
    if (has_content) bytes.remove_prefix(head->number);
    if (has_items) missing.push_back(head->type == object ? 2 * head->number : head->number);
    if (missing.size() > deepest + 1) return false;
  }
  return true;
}

}  // namespace shunt
