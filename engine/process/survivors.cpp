#include "process/survivors.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "loop/sleep.hpp"
#include "process/identity.hpp"

namespace shunt::process {

namespace {

constexpr const char* mark_name = "SHUNT_CALL";
constexpr Milliseconds gone_limit{5'000};
constexpr Milliseconds look_pause{20};

// RUN:UNTIL:GRACE:observes|acts
std::string mark_of(const std::string& run, const Command& command) {
  return fmt::format("{}:{}:{}:{}", run, wall_clock_ms() + command.timeout.count(), command.grace.count(),
                     command.observes ? "observes" : "acts");
}

std::string content(pid_t pid, const char* file) {
  std::ifstream stream(fmt::format("/proc/{}/{}", pid, file), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The value of the mark, "" without one or where the environment may not be read.
std::string mark_in(pid_t pid) {
  const std::string entries = '\0' + content(pid, "environ");
  const std::string wanted = std::string(1, '\0') + mark_name + '=';
  const auto at = entries.find(wanted);
  if (at == std::string::npos) return "";
  const auto begin = at + wanted.size();
  return entries.substr(begin, entries.find('\0', begin) - begin);
}

std::string next_part(std::string& text) {
  const auto end = std::min(text.find(':'), text.size());
  auto part = text.substr(0, end);
  text.erase(0, end + 1);
  return part;
}

std::int64_t number_in(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// As it was started: leader of a group, in the session of its starter.
std::optional<Survivor> survivor_at(pid_t pid, const std::string& run) {
  if (::getpgid(pid) != pid || ::getsid(pid) == pid || pid == ::getpgrp()) return std::nullopt;
  const auto start = start_time_of(pid);
  auto mark = mark_in(pid);
  if (!start || next_part(mark) != run) return std::nullopt;
  Survivor found;
  found.identity = Identity{pid, *start};
  found.program = content(pid, "comm");
  while (!found.program.empty() && found.program.back() == '\n') found.program.pop_back();
  found.until = number_in(next_part(mark));
  found.grace = Milliseconds(number_in(next_part(mark)));
  found.observes = mark == "observes";
  return found;
}

// The leader may go before the rest does.
Task<bool> is_gone(Survivor survivor, Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (group_is_alive(survivor.identity.pid)) {
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    co_await loop::sleep(look_pause);
  }
  co_return true;
}

}  // namespace

Task<Result<Finished>> Marking::run(Command command) {
  if (!run_.empty()) command.env[mark_name] = mark_of(run_, command);
  return inner_.run(std::move(command));
}

std::vector<Survivor> survivors_of(const std::string& run) {
  std::vector<Survivor> found;
  if (run.empty()) return found;
  const std::unique_ptr<DIR, int (*)(DIR*)> all(::opendir("/proc"), ::closedir);
  while (const dirent* entry = all ? ::readdir(all.get()) : nullptr) {
    const auto pid = static_cast<pid_t>(number_in(entry->d_name));
    if (pid <= 0) continue;
    if (auto survivor = survivor_at(pid, run)) found.push_back(std::move(*survivor));
  }
  return found;
}

Task<bool> end(Survivor survivor) {
  if (!is_alive(survivor.identity)) co_return true;
  const auto group = survivor.identity.pid;
  const auto grace = survivor.grace;
  ::kill(-group, SIGTERM);
  ::kill(-group, SIGCONT);  // a stopped process acts on TERM only when it goes on
  auto copy = survivor;
  bool gone = co_await is_gone(std::move(copy), grace);
  if (gone) co_return true;
  ::kill(-group, SIGKILL);
  gone = co_await is_gone(std::move(survivor), gone_limit);
  co_return gone;
}

}  // namespace shunt::process
