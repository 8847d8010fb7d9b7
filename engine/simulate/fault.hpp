// What goes wrong in a simulated world, as data: it can be drawn, shrunk, printed and written into a test.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "shunt/value.hpp"

namespace shunt::simulate {

/// One thing that a test says of its world: `what` is the method's name, `args` what it takes (lua/lib/tests.lua has
/// both). Durations are in ms, as NAME_ms.
///
/// Calls: fail { verb, nth, times, service, error }, delay { verb, by_ms, nth, times, service },
/// down { what, duration_ms, at_ms }.
/// Things that happen, at a time (at_ms since the beginning) or after_step (that many effects): kill, crash_loop,
/// slow_start, sicken { service, side, index }, restart_proxy { service }, set_weights { service, old, new },
/// metric { name, reading, value, from_share, during_ms }, abort, crash { after_step, before_call, step, cut,
/// away_ms }.
struct Fault {
  std::string what;
  Value args = Value::object();

  Fault() = default;
  explicit Fault(std::string what, Value args = Value::object()) : what(std::move(what)), args(std::move(args)) {}

  bool operator==(const Fault&) const = default;
};

using Faults = std::vector<Fault>;

/// As a test says it: world:fail("proxy.set", { error = "timeout", nth = 2 }).
std::string to_lua(const Fault& fault);

/// Every kind that `--faults` can name, in order.
const std::vector<std::string>& fault_names();

}  // namespace shunt::simulate
