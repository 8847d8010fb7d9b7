// The app file that `init` writes.
#pragma once

#include <string>

#include "shunt/registry.hpp"

namespace shunt::cli {

/// `folder`'s name as the name of an app: at most 40 of a-z, 0-9 and -, starting with a letter; "app" where nothing is
/// left.
std::string app_name_for(const std::string& folder);

/// A commented app file for processes behind HAProxy, watched with Prometheus, that passes `shunt check`. The keys that
/// need not be there are listed from the adapters' own schemas.
std::string app_file_template(const std::string& app, const Registry& registry);

}  // namespace shunt::cli
