// A `reverse_proxy` handler of Caddy's configuration, and the list that gives each colour its weight.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/proxy/caddy/spread.hpp"
#include "shunt/error.hpp"
#include "shunt/proxy.hpp"
#include "shunt/value.hpp"

namespace shunt::caddy {

struct Handler {
  std::string policy = "random";     ///< of its load balancing; what else belongs to the policy follows after a blank
  bool lists_upstreams = false;      ///< it has the key `upstreams`
  bool finds_upstreams = false;      ///< it has `dynamic_upstreams`, which come before any list
  Value upstreams = Value::array();  ///< objects, as they stand there

  Handler() = default;

  std::vector<std::string> dials() const;
};

/// SH1504 when the value is none, SH1503 when its list is not one.
Result<Handler> handler_in(const Value& value);

/// How a policy treats a list in which addresses are repeated.
enum class Spreading {
  exact,    ///< it chooses among entries
  hashed,   ///< by a property of the client or request, among entries that are spelled differently
  roughly,  ///< it looks at loads, so that more or fewer come than a share says
  never,    ///< it takes the first, or is not known
};
Spreading spreading_of(const std::string& policy);

/// The list for these weights: shunt's own entries, of which those that stood there keep what else an operator wrote
/// into them, and the first of which carries the weights in an @id that begins with `mark`; and the addresses, where
/// they are found at run time, so that the list is known for shunt's own when instances are elsewhere.
Value upstreams_for(const Handler& handler, const Announced& announced, Weights weights, const std::string& mark);

/// The weights that the list carries; nothing where its entries are others than shunt's for these weights.
std::optional<Weights> marked_weights(const Handler& handler, const Announced& announced, const std::string& mark);

/// The weights that the list carries, where they are those of its entries; else what the entries come to.
Weights weights_of(const Handler& handler, const Announced& announced, const std::string& mark);

/// Where `reverse_proxy` handlers stand in a whole configuration: "/config/apps/http/… (127.0.0.1:3000)", a few of
/// them.
std::vector<std::string> places_of_handlers(const Value& config);

}  // namespace shunt::caddy
