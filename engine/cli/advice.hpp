// The commands that lead on from where a verb ended.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "shunt/engine.hpp"

namespace shunt::cli {

/// `shunt` with the options that name the app and its state as the caller named them, ready to be typed.
std::string command_prefix(const Options& options);

/// What to type next: the commands that the error's remedy names, and those for a deployment that needs an operator,
/// each complete and once. Empty where nothing is left to do.
std::vector<std::string> next_commands(const Ending& ending, const Options& options);

/// `word` as a shell reads it back.
std::string shell_quoted(const std::string& word);

}  // namespace shunt::cli
