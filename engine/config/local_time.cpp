#include "config/local_time.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace shunt {

namespace {

bool is_zone(const std::string& zone) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '+' || c == '-';
  };
  std::error_code none;  // a name that is too long for a file
  return std::all_of(zone.begin(), zone.end(), fits) && zone.front() != '/' &&
         std::filesystem::is_regular_file(std::filesystem::path("/usr/share/zoneinfo") / zone, none);
}

}  // namespace

Result<std::tm> local_time(const std::string& zone, std::int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm parts{};
  if (zone.empty() || zone == "UTC") {
    gmtime_r(&seconds, &parts);
    return parts;
  }
  if (!is_zone(zone))
    return Error("SH1014", Kind::config, fmt::format("this machine knows no time zone '{}'", zone),
                 "write it like Europe/Zurich; the package tzdata has the zones");
  const char* before = std::getenv("TZ");
  const std::string saved = before == nullptr ? "" : before;
  ::setenv("TZ", (":" + zone).c_str(), 1);
  ::tzset();
  localtime_r(&seconds, &parts);
  if (before == nullptr) {
    ::unsetenv("TZ");
  } else {
    ::setenv("TZ", saved.c_str(), 1);
  }
  ::tzset();
  return parts;
}

}  // namespace shunt
