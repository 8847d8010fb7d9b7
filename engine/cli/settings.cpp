#include "cli/settings.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>
#include <array>
#include <climits>
#include <cstdlib>
#include <initializer_list>
#include <vector>

namespace shunt::cli {

namespace {

// The kernel marks a program whose file was replaced while it ran.
std::filesystem::path own_program() {
  std::error_code none;
  auto path = std::filesystem::read_symlink("/proc/self/exe", none).string();
  static constexpr std::string_view mark = " (deleted)";
  if (path.ends_with(mark)) path.resize(path.size() - mark.size());
  return path;
}

std::filesystem::path helpers_beside(const std::filesystem::path& program) {
  std::error_code none;
  const auto library = program.parent_path().parent_path() / "libexec" / "shunt";
  return std::filesystem::is_directory(library, none) ? library : program.parent_path();
}

std::vector<std::string> command_before_verb(const std::filesystem::path& program, const Options& options) {
  std::vector<std::string> words = {program.string()};
  const auto add = [&words](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  if (!options.file.empty()) add({"-f", options.file});
  if (!options.state.empty()) add({"--state", options.state});
  if (options.json) add({"--json"});
  if (options.color != Color::automatic) add({"--color", options.color == Color::always ? "always" : "never"});
  if (options.quiet) add({"-q"});
  if (options.verbose) add({"-v"});
  return words;
}

std::string caller() {
  std::array<char, HOST_NAME_MAX + 1> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host.front() = '\0';
  const auto* user = ::getpwuid(::geteuid());  // NOLINT(concurrency-mt-unsafe): before any thread is started
  const std::string name = user != nullptr ? user->pw_name : fmt::format("{}", ::geteuid());
  return name + "@" + host.data();
}

}  // namespace

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

Result<std::filesystem::path> state_root(const Options& options, const Environment& read, bool root) {
  if (!options.state.empty()) return std::filesystem::absolute(options.state);
  if (const auto named = read("SHUNT_STATE")) return std::filesystem::absolute(*named);
  if (root) return std::filesystem::path("/var/lib/shunt");
  // The XDG specification: a relative path is not valid and is ignored.
  if (const auto states = read("XDG_STATE_HOME"); states && states->front() == '/')
    return std::filesystem::path(*states) / "shunt";
  if (const auto home = read("HOME")) return std::filesystem::path(*home) / ".local" / "state" / "shunt";
  return Error("SH1953", Kind::config, "there is no place for the state: HOME is not set",
               "name a folder with --state or SHUNT_STATE");
}

Result<Settings> find_settings(const Options& options) {
  const auto root = state_root(options, environment, ::geteuid() == 0);
  if (!root) return root.error();
  Settings settings;
  settings.state_root = *root;
  settings.state_named = !options.state.empty() || environment("SHUNT_STATE").has_value();
  const auto program = own_program();
  settings.program = command_before_verb(program, options);
  settings.helpers = helpers_beside(program);
  settings.by = caller();
  settings.terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  return settings;
}

}  // namespace shunt::cli
