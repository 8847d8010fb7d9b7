// What is deployed where no app file says it.
#pragma once

#include "spec/deployment.hpp"

namespace shunt::simulate {

/// An ordinary app: one service "web" with a health check, a smoke test, a proxy with a `verify`, and one gate, "error
/// rate". v1 (blue) serves, `version` shall; at a first deployment nothing serves.
Deployment stand_in(const std::string& version, bool first);

}  // namespace shunt::simulate
