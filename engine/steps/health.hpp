// Looking at one instance.
#pragma once

#include "steps/stage.hpp"

namespace shunt::steps {

/// Asks one instance, as instances.health does. A question that did not get through, and may when it is asked again, is
/// no failure: nothing is known of the instance, { ok = false, unknown = true, error }.
Task<Outcome> look_at_instance(Scope scope, std::string service, Colour colour, int index, std::int64_t timeout_ms);

}  // namespace shunt::steps
