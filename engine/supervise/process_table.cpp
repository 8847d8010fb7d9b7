#include "supervise/process_table.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace shunt::supervise {

namespace {

/// Calls `visit` with every entry of `folder` that is a number.
template <typename Visit>
bool for_each_number(const std::string& folder, Visit visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), ::closedir);
  if (!entries) return false;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    pid_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size()) visit(number);
  }
  return true;
}

std::string proc(pid_t pid, std::string_view file) {
  return "/proc/" + std::to_string(pid).append(file);
}

/// The children of every thread of `pid`, where the kernel lists them.
bool listed_children(pid_t pid, std::vector<pid_t>& children) {
  bool listed = false;
  for_each_number(proc(pid, "/task"), [&](pid_t thread) {
    const auto text = read_file(proc(pid, "/task/") + std::to_string(thread) + "/children");
    if (!text) return;
    listed = true;
    const char* at = text->c_str();
    char* end = nullptr;
    for (long child = std::strtol(at, &end, 10); end != at; child = std::strtol(at, &end, 10)) {
      children.push_back(static_cast<pid_t>(child));
      at = end;
    }
  });
  return listed;
}

bool has_ended(const Entry& entry) {
  return entry.state == 'Z' || entry.state == 'X';
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::string text;
  std::array<char, 4096> part{};
  ssize_t count = 0;
  while ((count = ::read(file, part.data(), part.size())) > 0 || (count < 0 && errno == EINTR))
    if (count > 0) text.append(part.data(), static_cast<std::size_t>(count));
  ::close(file);
  if (count < 0) return std::nullopt;
  return text;
}

std::optional<Entry> entry_of(pid_t pid) {
  const auto text = read_file(proc(pid, "/stat"));
  if (!text) return std::nullopt;
  // "PID (NAME) STATE PPID PGRP SESSION ..."; NAME may hold anything, so what follows is counted from the last ')'.
  const auto open = text->find('(');
  const auto close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  Entry entry;
  unsigned long long started = 0;
  const int found = std::sscanf(text->c_str() + close + 1,
                                " %c %d %d %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                                &entry.state, &entry.parent, &entry.group, &entry.session, &started);
  if (found != 5) return std::nullopt;
  entry.identity = {pid, started};
  entry.name = text->substr(open + 1, close - open - 1);
  return entry;
}

std::vector<pid_t> all_pids() {
  std::vector<pid_t> pids;
  for_each_number("/proc", [&](pid_t pid) { pids.push_back(pid); });
  return pids;
}

std::vector<Entry> all_entries() {
  std::vector<Entry> entries;
  for (const pid_t pid : all_pids())
    if (auto entry = entry_of(pid)) entries.push_back(std::move(*entry));
  return entries;
}

bool is_alive(Identity identity) {
  if (identity.pid <= 0) return false;
  const auto entry = entry_of(identity.pid);
  return entry && entry->identity == identity && !has_ended(*entry);
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  if (listed_children(pid, children)) return children;
  for (const auto& entry : all_entries())
    if (entry.parent == pid) children.push_back(entry.identity.pid);
  return children;
}

std::vector<pid_t> tree_of(pid_t root) {
  std::vector<pid_t> tree = {root};
  for (std::size_t next = 0; next < tree.size(); ++next)
    for (const pid_t child : children_of(tree[next]))
      if (std::find(tree.begin(), tree.end(), child) == tree.end()) tree.push_back(child);
  return tree;
}

std::vector<Identity> session_tree(const std::vector<Entry>& entries, pid_t session) {
  std::vector<pid_t> found;
  const auto knows = [&](pid_t pid) { return std::find(found.begin(), found.end(), pid) != found.end(); };
  for (const auto& entry : entries)
    if (entry.session == session) found.push_back(entry.identity.pid);
  for (std::size_t known = 0; known != found.size();) {
    known = found.size();
    for (const auto& entry : entries)
      if (!knows(entry.identity.pid) && knows(entry.parent)) found.push_back(entry.identity.pid);
  }
  std::vector<Identity> tree;
  for (const auto& entry : entries)
    if (!has_ended(entry) && knows(entry.identity.pid)) tree.push_back(entry.identity);
  return tree;
}

bool was_given(pid_t pid, const std::string& assignment) {
  const auto environment = read_file(proc(pid, "/environ"));
  return environment && (std::string(1, '\0') + *environment).find('\0' + assignment + '\0') != std::string::npos;
}

bool send_signal(Identity identity, int signal, std::optional<int> value) {
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, identity.pid, 0));
  if (process < 0) return false;
  // The descriptor holds on to one process; only then is it asked which one that is.
  siginfo_t info = {};
  info.si_signo = signal;
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_int = value.value_or(0);
  errno = ESRCH;
  const bool sent =
      is_alive(identity) && ::syscall(SYS_pidfd_send_signal, process, signal, value ? &info : nullptr, 0) == 0;
  const int reason = errno;
  ::close(process);
  errno = reason;
  return sent;
}

std::int64_t resident_bytes(pid_t pid) {
  const auto text = read_file(proc(pid, "/statm"));
  if (!text) return 0;
  char* rest = nullptr;
  std::strtoll(text->c_str(), &rest, 10);
  return std::strtoll(rest, nullptr, 10) * ::sysconf(_SC_PAGESIZE);
}

std::int64_t started_ms(Identity identity) {
  const auto text = read_file("/proc/stat");
  const auto at = text ? text->find("\nbtime ") : std::string::npos;
  if (at == std::string::npos) return 0;
  const long long booted_s = std::strtoll(text->c_str() + at + 7, nullptr, 10);
  const auto ticks_per_s = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return booted_s * 1'000 + static_cast<std::int64_t>(identity.start_time * 1'000 / ticks_per_s);
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id").value_or("");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace shunt::supervise
