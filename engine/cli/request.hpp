// The arguments that verbs which run a strategy share.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shunt/engine.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace shunt::cli {

/// Declares `--set KEY=VALUE`, into `options`, which outlives the command.
void declare_settings(CLI::App& command, std::map<std::string, std::string>& options);

/// Declares what `deploy` and `plan` take; the request is filled when they have been read.
std::shared_ptr<DeployRequest> declare_request(CLI::App& command);

}  // namespace shunt::cli
