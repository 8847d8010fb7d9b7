#include <algorithm>
#include <charconv>
#include <ctime>

#include "shunt/http.hpp"

namespace shunt::http {

namespace {

constexpr std::int64_t longest_pause = 3'600'000;

}  // namespace

const std::string& Response::header(const std::string& name) const {
  static const std::string none;
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == name; });
  return found == headers.end() ? none : found->second;
}

std::int64_t parse_retry_after(std::string_view header, std::int64_t now_ms) {
  std::int64_t pause = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), pause);
  if (!header.empty() && end == header.data() + header.size()) {
    if (error != std::errc()) return longest_pause;
    return std::clamp<std::int64_t>(pause, 0, longest_pause / 1000) * 1000;
  }
  std::tm date{};
  const std::string text(header);
  if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) return 0;
  return std::clamp<std::int64_t>(std::int64_t{::timegm(&date)} * 1000 - now_ms, 0, longest_pause);
}

}  // namespace shunt::http
