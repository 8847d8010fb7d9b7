// The app file that `init` writes.
#pragma once

#include <string>

#include "shunt/registry.hpp"

namespace shunt::cli {

/// `folder`'s name as the name of an app: at most 40 of a-z, 0-9 and -, starting with a letter; "app" where nothing is
/// left.
std::string app_name_for(const std::string& folder);

/// What keeps the instances of a new app.
enum class Platform { process, docker, compose };

/// A commented app file behind HAProxy, watched with Prometheus, that passes `shunt check`. The keys that need not be
/// there are listed from the adapters' own schemas. `compose_file` is what a Compose project is made from.
std::string app_file_template(const std::string& app, const Registry& registry, Platform platform = Platform::process,
                              const std::string& compose_file = "compose.yml");

}  // namespace shunt::cli
