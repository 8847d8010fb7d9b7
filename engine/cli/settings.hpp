// Where state, helpers and the program itself are, and who calls.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/options.hpp"
#include "shunt/engine.hpp"

namespace shunt::cli {

/// Answers a variable's name with its value; nothing where it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The process's own.
std::optional<std::string> environment(const std::string& name);

/// The folder below which each app has its state: --state, SHUNT_STATE, /var/lib/shunt for root, XDG_STATE_HOME/shunt,
/// HOME/.local/state/shunt. SH1953 where none of them is known.
Result<std::filesystem::path> state_root(const Options& options, const Environment& read, bool root);

/// Everything that an engine wants to know about its surroundings.
Result<Settings> find_settings(const Options& options);

}  // namespace shunt::cli
