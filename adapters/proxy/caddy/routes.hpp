// The routes by which a Caddyfile follows the file, as shunt writes them and as a running configuration has them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "adapters/proxy/caddy/spread.hpp"
#include "shunt/value.hpp"

namespace shunt::caddy {

/// One route: where the file SERVICE.SHARE is there, or, where `share` is "", in any other case.
struct Step {
  std::string share;
  std::vector<std::string> dials;  ///< none: 503
  std::string policy;              ///< "random", "cookie NAME", "ip_hash"

  bool operator==(const Step&) const = default;
};

using Steps = std::vector<Step>;

/// All of a service's routes, in the order in which Caddy tries them. `policy` is that of the app file.
Steps steps_for(const Addresses& addresses, const std::string& policy, const std::string& service);

/// Them as a part of a Caddyfile.
std::string text_of(const Steps& steps, const std::filesystem::path& folder, const std::string& service);

/// Where a whole configuration has such routes: one list for each place that imports the text. Routes beyond a depth of
/// 100 are not found.
std::vector<Steps> steps_in(const Value& config, const std::filesystem::path& folder, const std::string& service);

/// Each colour's servers in such a list.
Addresses addresses_in(const Steps& steps);

/// The step that is taken while the file is called `share` ("" for no file); null for none.
const Step* step_for(const Steps& steps, const std::string& share);

}  // namespace shunt::caddy
