// A colour's weight, told to its servers.
#pragma once

#include <vector>

#include "shunt/proxy.hpp"

namespace shunt::haproxy {

/// HAProxy weighs servers (0 to 256), shunt weighs colours (0 to 100). A colour of weight W has servers whose weights
/// add up to W times `unit`, as evenly as whole numbers allow, so that equal weights mean equal shares whatever the
/// number of servers, and every W reads back exactly. Equally many servers: each has the weight W.
class Scale {
 public:
  /// Numbers of servers that share their colour's weight, 1 or more. What another number of them was told reads back
  /// alike, as far as weights can be so high, when both were made with the `most` that a colour can have.
  explicit Scale(PerColour<int> servers, int most = 0);

  /// Weights of the colour's servers, in their order. Where one colour has more than 2.56 times the other's servers,
  /// the last ones get 0 at small weights.
  std::vector<int> server_weights(Colour color, int weight) const;

  /// The weight of a colour whose servers' weights add up to `sum`: at most 100, and at least 1 when `sum` is above 0.
  int colour_weight(long sum) const;

  /// The same for one server: what the colour would have if all its servers had this weight.
  int colour_weight_of_server(Colour color, int weight) const;

 private:
  PerColour<int> servers_;
  int unit_;
};

}  // namespace shunt::haproxy
