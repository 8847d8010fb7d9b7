#include "adapters/proxy/haproxy/weights.hpp"

#include <algorithm>

namespace shunt::haproxy {

namespace {

constexpr int heaviest_colour = 100;
constexpr int heaviest_server = 256;

}  // namespace

Scale::Scale(PerColour<int> servers, int most)
    : servers_(servers),
      unit_(std::min(std::max({servers.blue, servers.green, most}),
                     std::min(servers.blue, servers.green) * heaviest_server / heaviest_colour)) {}

std::vector<int> Scale::server_weights(Colour color, int weight) const {
  const int count = servers_[color];
  const int sum = weight * unit_;
  std::vector<int> weights;
  for (int i = 0; i < count; ++i) weights.push_back(sum / count + (i < sum % count ? 1 : 0));
  return weights;
}

int Scale::colour_weight(long sum) const {
  if (sum <= 0) return 0;
  return static_cast<int>(std::clamp<long>((sum + unit_ / 2) / unit_, 1, heaviest_colour));
}

int Scale::colour_weight_of_server(Colour color, int weight) const {
  return colour_weight(static_cast<long>(weight) * servers_[color]);
}

}  // namespace shunt::haproxy
