#include "store/run_id.hpp"

#include <fmt/format.h>
#include <sys/random.h>
#include <array>
#include <cerrno>
#include <ctime>
#include <string_view>
#include <system_error>

namespace shunt::store {

std::string new_run_id(std::int64_t unix_ms) {
  constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz";
  std::array<unsigned char, 4> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    throw std::system_error(errno, std::generic_category(), "getrandom");

  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  std::string id = fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}-", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday,
                               time.tm_hour, time.tm_min, time.tm_sec);
  for (const auto byte : random) id += letters[byte % letters.size()];
  return id;
}

}  // namespace shunt::store
