#include "adapters/proxy/caddy/spread.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace shunt::caddy {

namespace {

bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}

bool is_host_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' || c == ':' || c == '-' ||
         c == '_' || c == '[' || c == ']';
}

bool holds(const std::vector<std::string>& addresses, const std::string& one) {
  return std::find(addresses.begin(), addresses.end(), one) != addresses.end();
}

}  // namespace

bool is_address(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == address.size()) return false;
  const auto host = address.substr(0, colon);
  const auto port = address.substr(colon + 1);
  return std::all_of(host.begin(), host.end(), is_host_letter) && std::all_of(port.begin(), port.end(), is_digit);
}

std::string spelled(const std::string& address, int zeros) {
  auto text = address;
  text.insert(text.rfind(':') + 1, static_cast<std::size_t>(zeros), '0');
  return text;
}

std::string plain(std::string_view dial) {
  constexpr std::string_view network = "tcp/";
  if (dial.starts_with(network)) dial.remove_prefix(network.size());
  std::string text(dial);
  if (!is_address(text)) return text;
  const auto port = text.rfind(':') + 1;
  const auto digit = std::min(text.find_first_not_of('0', port), text.size() - 1);
  return text.erase(port, digit - port);
}

PerColour<long> repetitions(Weights weights, const Addresses& addresses, bool reduced) {
  const auto blues = static_cast<long>(addresses.blue.size());
  const auto greens = static_cast<long>(addresses.green.size());
  PerColour<long> times;
  if (blues > 0 && weights.blue > 0) times.blue = weights.blue;
  if (greens > 0 && weights.green > 0) times.green = weights.green;
  if (times.blue > 0 && times.green > 0) {
    const auto both = std::lcm(blues, greens);
    times.blue *= both / blues;
    times.green *= both / greens;
  }
  const auto divisor = std::gcd(times.blue, times.green);
  if (reduced && divisor > 1) {
    times.blue /= divisor;
    times.green /= divisor;
  }
  return times;
}

std::vector<std::string> spread(const PerColour<long>& times, const Addresses& addresses, bool distinct) {
  std::vector<std::string> list;
  for (const Colour color : both_colours)
    for (const auto& address : addresses[color])
      for (int i = 0; i < times[color]; ++i) list.push_back(spelled(address, distinct ? i : 0));
  return list;
}

int percent(long part, long whole, int step) {
  if (part <= 0 || whole <= 0) return 0;
  if (part >= whole) return 100;
  const auto steps = std::lround(100.0 * static_cast<double>(part) / static_cast<double>(whole) / step);
  return std::clamp(static_cast<int>(steps) * step, step, 100 - step);
}

Weights Counts::shares() const {
  const auto others = static_cast<long>(strangers.size());
  const auto all = of.blue + of.green + others;
  const int green = percent(of.green, all, 1);
  if (others == 0 && all > 0) return Weights(100 - green, green);
  return Weights(percent(of.blue, all, 1), green);
}

Counts count(const std::vector<std::string>& dials, const Addresses& addresses) {
  Counts counts;
  for (const auto& dial : dials) {
    const auto address = plain(dial);
    if (holds(addresses.blue, address))
      ++counts.of.blue;
    else if (holds(addresses.green, address))
      ++counts.of.green;
    else
      counts.strangers.push_back(dial);
  }
  return counts;
}

}  // namespace shunt::caddy
