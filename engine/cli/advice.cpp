#include "cli/advice.hpp"

#include <algorithm>

namespace shunt::cli {

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:@=+,").find(c) != std::string_view::npos;
}

// "`shunt repair` or `shunt repair --accept`" → { "repair", "repair --accept" }.
std::vector<std::string> commands_in(const std::string& text) {
  static constexpr std::string_view opening = "`shunt ";
  std::vector<std::string> commands;
  for (auto at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
    at += opening.size();
    const auto end = text.find('`', at);
    if (end == std::string::npos) break;
    commands.push_back(text.substr(at, end - at));
    at = end;
  }
  return commands;
}

}  // namespace

std::string shell_quoted(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_prefix(const Options& options) {
  std::string prefix = "shunt";
  if (!options.file.empty()) prefix += " -f " + shell_quoted(options.file);
  if (!options.state.empty()) prefix += " --state " + shell_quoted(options.state);
  return prefix;
}

std::vector<std::string> next_commands(const Ending& ending, const Options& options) {
  const bool stuck = ending.exit == 1 || ending.exit == 3 || ending.exit == 130;
  if (!stuck) return {};
  std::vector<std::string> tails;
  if (ending.error) tails = commands_in(ending.error->remedy);
  if (ending.state == "needs_operator" && !ending.run.empty()) {
    tails.push_back("resume " + ending.run);
    tails.push_back("show " + ending.run);
  }
  if (ending.state == "rolled_back" && !ending.run.empty() && tails.empty()) tails.push_back("show " + ending.run);
  std::vector<std::string> commands;
  for (const auto& tail : tails) {
    auto command = command_prefix(options) + " " + tail;
    if (std::find(commands.begin(), commands.end(), command) == commands.end()) commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace shunt::cli
