// The arguments that `abort`, `approve` and `reject` share: a word to a running deployment.
#pragma once

#include <string>

#include "cli/verbs.hpp"

namespace shunt::cli {

/// Declares `which` (an argument's name and its meaning) and --reason; the action puts `verb` into the deployment's
/// inbox.
Action declare_answer(CLI::App& command, const std::string& verb, const std::string& which, const std::string& meaning);

}  // namespace shunt::cli
