#include "adapters/proxy/haproxy/weights.hpp"

#include <doctest/doctest.h>

#include <numeric>

namespace shunt::haproxy {

namespace {

TEST_CASE("with equally many servers each has the weight of its colour") {
  for (const int count : {1, 2, 7}) {
    const Scale scale(PerColour<int>(count, count));
    for (const int weight : {0, 1, 33, 100})
      CHECK(scale.server_weights(Colour::green, weight) == std::vector<int>(static_cast<std::size_t>(count), weight));
    CHECK(scale.colour_weight_of_server(Colour::blue, 33) == 33);
  }
}

TEST_CASE("a colour with fewer servers in use reads back as one with all of them, as far as weights can be so high") {
  const Scale all(PerColour<int>(2, 2), 2);
  const Scale fewer(PerColour<int>(1, 2), 2);
  for (const int weight : {0, 1, 33, 100}) {
    CHECK(fewer.server_weights(Colour::blue, weight) == std::vector<int>{2 * weight});
    CHECK(all.colour_weight(2 * weight) == weight);
    CHECK(fewer.colour_weight(2 * weight) == weight);
  }
  CHECK(Scale(PerColour<int>(1, 3), 3).server_weights(Colour::blue, 100) == std::vector<int>{200});
}

TEST_CASE("every weight reads back, is within HAProxy's limits, and equal weights are equal sums") {
  for (int blue = 1; blue <= 12; ++blue) {
    for (int green = 1; green <= 12; ++green) {
      const Scale scale(PerColour<int>(blue, green));
      for (int weight = 0; weight <= 100; ++weight) {
        PerColour<long> sums;
        for (const Colour color : both_colours) {
          const auto weights = scale.server_weights(color, weight);
          sums[color] = std::accumulate(weights.begin(), weights.end(), 0L);
          for (const int one : weights) CHECK((one >= 0 && one <= 256));
          CHECK(scale.colour_weight(sums[color]) == weight);
          const bool is_even = PerColour<int>(blue, green)[color] * 100 <= 256 * std::min(blue, green);
          if (weight > 0 && is_even)
            for (const int one : weights) CHECK(one > 0);
        }
        CHECK(sums.blue == sums.green);
      }
    }
  }
}

TEST_CASE("weights that somebody else set are at least 1 and at most 100") {
  const Scale scale(PerColour<int>(3, 3));
  CHECK(scale.colour_weight(0) == 0);
  CHECK(scale.colour_weight(1) == 1);
  CHECK(scale.colour_weight(3 * 256) == 100);
}

}  // namespace

}  // namespace shunt::haproxy
