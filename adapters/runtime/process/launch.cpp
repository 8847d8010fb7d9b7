#include "adapters/runtime/process/launch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <sstream>

#include "adapters/runtime/process/labels.hpp"
#include "adapters/runtime/spec_sha.hpp"
#include "process/launch.hpp"

namespace shunt::adapters::process {

namespace {

constexpr Milliseconds start_timeout{10'000};
constexpr Milliseconds start_grace{1'000};

Error cannot_start(const std::string& id, const std::string& why, std::string remedy) {
  return Error("SH1401", Kind::adapter, fmt::format("cannot start {}: {}", id, why), std::move(remedy));
}

Error no_supervisor(const std::string& id, const std::filesystem::path& helpers) {
  return Error("SH1405", Kind::adapter, fmt::format("cannot start the supervisor of {}", id),
               fmt::format("install shunt again: {} must be there", (helpers / "shunt-supervise").string()));
}

std::string new_ticket() {
  std::random_device device;
  std::string ticket;
  for (int i = 0; i < 4; ++i) ticket += fmt::format("{:08x}", device());
  return ticket;
}

bool has_zero_byte(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// The supervisor's "failed" in words.
Error failure_of(const supervise::Spec& spec, const supervise::Record& told) {
  const auto stage = supervise::value_of(told, "failed");
  const auto number = static_cast<int>(supervise::number_of(told, "error"));
  const std::string reason = std::strerror(number);
  const auto& program = spec.argv.front();
  if (stage == "exec" && number == ENOENT)
    return cannot_start(spec.id, fmt::format("there is no program '{}' (in {})", program, spec.cwd),
                        "install it, or correct `command` in the service's runtime table");
  if (stage == "exec")
    return cannot_start(spec.id, fmt::format("the program '{}' cannot be executed: {}", program, reason),
                        "make it executable for the user that runs shunt");
  if (stage == "cwd")
    return cannot_start(spec.id, fmt::format("the folder '{}' cannot be entered: {}", spec.cwd, reason),
                        "create it, or correct `cwd` in the service's runtime table");
  if (stage == "log" || stage == "witness")
    return Error("SH1404", Kind::adapter,
                 fmt::format("cannot write the files of {} in {}: {}", spec.id, spec.folder, reason),
                 "make room there, and the folder writable for the user that runs shunt");
  return cannot_start(spec.id, fmt::format("its supervisor could not go on ({}): {}", stage, reason), "try again");
}

Task<Result<supervise::Record>> run_supervisor(Context& context, std::vector<std::string> argv, std::string input) {
  shunt::process::Command command(std::move(argv));
  command.input = std::move(input);
  command.timeout = start_timeout;
  command.grace = start_grace;
  auto finished = co_await context.processes.run(std::move(command));
  if (!finished) co_return std::move(finished).error();
  auto told = supervise::decode(finished->out);
  if (told) {
    auto record = std::move(*told);
    co_return record;
  }
  Error error(
      "SH1405", Kind::adapter,
      fmt::format("the supervisor ended with status {} and said nothing of use: {}", finished->code, finished->err),
      "install shunt again");
  co_return error;
}

}  // namespace

Result<supervise::Spec> to_supervise(const InstanceSpec& spec, const supervise::Paths& paths) {
  supervise::Spec asked;
  asked.id = spec.id;
  asked.ticket = new_ticket();
  asked.sha = spec_sha(spec);
  asked.folder = paths.folder;
  asked.labels = labels_of(spec);
  asked.cwd = spec.config.value("cwd", "/");
  asked.restart = spec.config.value("restart", "always") != "never";
  asked.stop_signal = spec.stop_signal;
  asked.grace_ms = spec.stop_grace.count();
  if (const auto command = spec.config.find("command"); command != spec.config.end())
    for (const auto& argument : *command) asked.argv.push_back(argument.get<std::string>());
  if (asked.argv.empty() || asked.argv.front().empty())
    return cannot_start(spec.id, "its command is empty", "give `command` in the service's runtime table a program");
  bool impossible = has_zero_byte(asked.cwd);
  for (const auto& argument : asked.argv) impossible = impossible || has_zero_byte(argument);
  if (impossible)
    return cannot_start(spec.id, "there is a zero byte in its command or folder", "remove it from the runtime table");
  return asked;
}

Result<void> find_command(const InstanceSpec& spec) {
  const auto cwd = spec.config.value("cwd", "/");
  const auto command = spec.config.value("command", Value::array());
  if (command.empty() || !command.front().is_string()) return {};
  const auto program = command.front().get<std::string>();
  const auto gone = [&](const std::string& what, const char* why) {
    return Error("SH1409", Kind::config, fmt::format("{} cannot be started: {}: {}", spec.id, what, why),
                 "put it back, or deploy a version that is there");
  };
  std::error_code failed;
  if (!std::filesystem::is_directory(cwd, failed)) return gone(cwd, std::strerror(failed ? failed.value() : ENOTDIR));
  if (program.find('/') != std::string::npos) {
    const auto file = std::filesystem::path(cwd) / program;
    const bool there = std::filesystem::is_regular_file(file, failed);
    if (there && ::access(file.c_str(), X_OK) == 0) return {};
    return gone(program, std::strerror(there ? EACCES : ENOENT));
  }
  const char* inherited = std::getenv("PATH");
  const auto env = spec.config.value("env", Value::object());
  const auto own = env.find("PATH");
  const std::string path = own != env.end() && own->is_string() ? own->get<std::string>() : inherited ? inherited : "";
  const auto found = shunt::process::find_program(program, path, cwd);
  if (found.error != 0) return gone(program, std::strerror(found.error));
  return {};
}

Task<Result<std::vector<std::string>>> read_environment(Secrets& secrets, InstanceSpec spec) {
  std::vector<std::string> assignments;
  Value env = spec.config.value("env", Value::object());
  auto revealed = co_await secrets.reveal(std::move(env));
  if (!revealed) co_return std::move(revealed).error();
  for (const auto& [name, value] : revealed->items()) {
    const auto& text = value.get_ref<const std::string&>();
    if (name.empty() || name.find('=') != std::string::npos || has_zero_byte(name) || has_zero_byte(text)) {
      Error error = cannot_start(spec.id, fmt::format("'{}' cannot be a variable of the environment", name),
                                 "names hold no '=', and neither name nor value a zero byte");
      co_return error;
    }
    assignments.push_back(name + "=" + text);
  }
  co_return assignments;
}

Result<void> announce(const supervise::Spec& spec) {
  const supervise::Paths paths{spec.folder};
  const std::filesystem::path folder(spec.folder);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed && ::chmod(folder.c_str(), 0700) == 0 && ::chmod(folder.parent_path().c_str(), 0700) == 0 &&
      supervise::replace_file(paths.spec(), spec.to_public_record()))
    return {};
  const int reason = failed ? failed.value() : errno;
  return Error("SH1404", Kind::adapter,
               fmt::format("cannot write the files of {} in {}: {}", spec.id, spec.folder, std::strerror(reason)),
               "make room there, and the folder writable for the user that runs shunt");
}

std::vector<std::string> scope_command(const std::filesystem::path& systemd, const std::string& path, bool root) {
  if (::access(systemd.c_str(), F_OK) != 0) return {};
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto program = std::filesystem::path(folder) / "systemd-run";
    if (::access(program.c_str(), X_OK) != 0) continue;
    std::vector<std::string> command = {program.string(), "--scope", "--quiet", "--collect"};
    if (!root) command.emplace_back("--user");
    command.emplace_back("--");
    return command;
  }
  return {};
}

Task<Result<Started>> launch(Context& context, supervise::Spec spec) {
  const char* path = std::getenv("PATH");
  auto argv = scope_command("/run/systemd/system", path == nullptr ? "" : path, ::geteuid() == 0);
  const bool scoped = !argv.empty();
  std::vector<std::string> plain = {(context.helpers / "shunt-supervise").string(), spec.folder};
  argv.insert(argv.end(), plain.begin(), plain.end());
  const auto input = supervise::encode(spec.to_record());
  auto told = co_await run_supervisor(context, std::move(argv), input);
  if (!told && scoped) told = co_await run_supervisor(context, std::move(plain), input);
  if (!told) {
    auto error = no_supervisor(spec.id, context.helpers).because(std::move(told).error());
    co_return error;
  }
  Result<Started> started = Started::yes;
  const auto failed = supervise::value_of(*told, "failed");
  if (failed == "lock" || failed == "called-off") {
    started = Started::overtaken;
  } else if (supervise::value_of(*told, "started").empty()) {
    started = failure_of(spec, *told);
  }
  co_return started;
}

}  // namespace shunt::adapters::process
