#include "adapters/proxy/nginx/workers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>

#include "process/access.hpp"
#include "process/identity.hpp"

namespace shunt::nginx {

namespace {

constexpr std::string_view master_title = "nginx: master process";
constexpr std::string_view worker_title = "nginx: worker process";
constexpr std::int64_t tick_ms = 10;  ///< how exactly a start is known

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  return text.str();
}

std::string cmdline_of(pid_t pid) {
  return text_of_file(fmt::format("/proc/{}/cmdline", pid));
}

std::int64_t ms_of_ticks(std::uint64_t ticks) {
  static const auto per_second = ::sysconf(_SC_CLK_TCK);
  return static_cast<std::int64_t>(ticks) * 1000 / per_second;
}

/// Unix ms at which the machine was started.
std::int64_t boot_time() {
  std::istringstream lines(text_of_file("/proc/stat"));
  std::int64_t seconds = 0;
  for (std::string word; lines >> word;)
    if (word == "btime" && lines >> seconds) break;
  return seconds * 1000;
}

std::int64_t ms_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// 0 where it is not known.
pid_t parent_of(pid_t pid) {
  const auto text = text_of_file(fmt::format("/proc/{}/stat", pid));
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string state;
  pid_t parent = 0;
  fields >> state >> parent;
  return parent;
}

std::optional<pid_t> number_in(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  pid_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto pid = number_in(entry.path().filename().string());
    if (pid && parent_of(*pid) == parent) children.push_back(*pid);
  }
  return children;
}

/// What the processes are called where `pid` is the first of them, or deeper: the last number of NSpid.
pid_t own_number_of(pid_t pid) {
  std::istringstream lines(text_of_file(fmt::format("/proc/{}/status", pid)));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream numbers(line.substr(6));
    pid_t own = 0;
    for (pid_t number = 0; numbers >> number;) own = number;
    return own;
  }
  return 0;
}

bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other) {
  struct stat a {};
  struct stat b {};
  return ::stat(one.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Whether process `pid` sees `file` somewhere: at one of its mounts, or in it by the last parts of the same path.
bool sees_somewhere(pid_t pid, const std::filesystem::path& file) {
  std::istringstream mounts(text_of_file(fmt::format("/proc/{}/mountinfo", pid)));
  const std::string root = fmt::format("/proc/{}/root", pid);
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string mount;
    for (int field = 0; field < 5; ++field) words >> mount;
    std::filesystem::path end;
    auto rest = std::filesystem::absolute(file).lexically_normal();
    for (;;) {
      if (is_same_file(root + (end.empty() ? mount : (mount / end).string()), file)) return true;
      if (!rest.has_relative_path()) break;
      end = end.empty() ? rest.filename() : rest.filename() / end;
      rest = rest.parent_path();
    }
  }
  return false;
}

bool is_master(pid_t pid) {
  const auto stat = process::stat_of(pid);
  return stat && !stat->is_dead() && cmdline_of(pid).starts_with(master_title);
}

/// Masters that have that number among processes of their own, and see the file in which it stands; else those of which
/// nobody but root can say what they see.
std::vector<pid_t> masters_elsewhere(pid_t number, const std::filesystem::path& pid_file) {
  std::vector<pid_t> masters;
  std::vector<pid_t> unknown;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto pid = number_in(entry.path().filename().string());
    if (!pid || *pid == number || !is_master(*pid) || own_number_of(*pid) != number) continue;
    const bool is_open = ::access(fmt::format("/proc/{}/root/.", *pid).c_str(), F_OK) == 0;
    if (!is_open) unknown.push_back(*pid);
    if (is_open && sees_somewhere(*pid, pid_file)) masters.push_back(*pid);
  }
  return masters.empty() ? unknown : masters;
}

Error not_running(const std::string& what) {
  Error error("SH1501", Kind::adapter, what, "start nginx, or name its `pid` file in `pid_file`");
  error.retryable = true;
  return error;
}

}  // namespace

bool is_worker(std::string_view cmdline) {
  return cmdline.starts_with(worker_title);
}

bool is_leaving(std::string_view cmdline) {
  return is_worker(cmdline) && cmdline.find("is shutting down") != std::string_view::npos;
}

bool Running::has(pid_t pid) const {
  return std::any_of(workers.begin(), workers.end(), [&](const Worker& worker) { return worker.pid == pid; });
}

int Running::leaving() const {
  return static_cast<int>(
      std::count_if(workers.begin(), workers.end(), [](const Worker& worker) { return worker.leaving; }));
}

bool Running::has_read(std::int64_t modified) const {
  const auto since_boot = ms_of(CLOCK_BOOTTIME) - (ms_of(CLOCK_REALTIME) - modified);
  bool any = false;
  for (const auto& worker : workers) {
    if (worker.leaving) continue;
    if (worker.started + tick_ms < since_boot) return false;
    any = true;
  }
  return any;
}

Result<Running> find_nginx(const std::filesystem::path& pid_file) {
  const auto text = text_of_file(pid_file.string());
  if (text.empty())
    return not_running(fmt::format("nginx does not run: there is no master's number in {}", pid_file.string()));
  const auto master = number_in(text);
  if (!master) return not_running(fmt::format("{} holds no process number", pid_file.string()));
  auto pid = *master;
  if (!is_master(pid) || own_number_of(pid) != pid) {
    const auto elsewhere = masters_elsewhere(pid, pid_file);
    if (elsewhere.size() > 1)
      return not_running(
          fmt::format("{} masters of nginx have the number {}, and see {}", elsewhere.size(), pid, pid_file.string()));
    if (elsewhere.size() == 1) pid = elsewhere.front();
  }
  const auto stat = process::stat_of(pid);
  if (!stat || stat->is_dead())
    return not_running(
        fmt::format("nginx does not run: there is no process {}, which {} names", *master, pid_file.string()));
  if (!is_master(pid))
    return not_running(
        fmt::format("process {}, which {} names, is no master process of nginx", *master, pid_file.string()));
  Running running;
  running.master = pid;
  running.started = boot_time() + ms_of_ticks(stat->start_time);
  for (const auto child : children_of(pid)) {
    const auto cmdline = cmdline_of(child);
    const auto facts = process::stat_of(child);
    if (!is_worker(cmdline) || !facts || facts->is_dead()) continue;
    running.workers.push_back({child, ms_of_ticks(facts->start_time), is_leaving(cmdline)});
  }
  return running;
}

std::filesystem::path closed_to(const Running& running, const std::filesystem::path& path) {
  const auto worker =
      std::find_if(running.workers.begin(), running.workers.end(), [](const Worker& one) { return !one.leaving; });
  return worker == running.workers.end() ? std::filesystem::path() : process::closed_to(worker->pid, path);
}

std::filesystem::path error_log_of(const Running& running) {
  std::error_code error;
  const std::filesystem::path log = fmt::format("/proc/{}/fd/2", running.master);
  return std::filesystem::is_regular_file(log, error) ? log : std::filesystem::path();
}

}  // namespace shunt::nginx
