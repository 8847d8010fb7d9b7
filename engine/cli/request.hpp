// The arguments that `deploy` and `plan` share.
#pragma once

#include <memory>

#include "shunt/engine.hpp"

namespace CLI {
class App;
}

namespace shunt::cli {

/// Declares them; the request is filled when they have been read.
std::shared_ptr<DeployRequest> declare_request(CLI::App& command);

}  // namespace shunt::cli
