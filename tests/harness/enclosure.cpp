#include "harness/enclosure.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "harness/eventually.hpp"
#include "harness/paths.hpp"

namespace shunt::harness {

namespace {

constexpr auto groups = "/sys/fs/cgroup";
constexpr std::string_view prefix_of_groups = "shunt-test-";

std::string enclosure_script() {
  return source_folder() / "tests/harness/enclosure.sh";
}

// With the pid of the test in it, so that a later one knows whose test is gone.
std::string name_of_groups() {
  static std::atomic<int> last = 0;
  return fmt::format("{}{}-{}", prefix_of_groups, ::getpid(), ++last);
}

std::vector<std::filesystem::path> hierarchies() {
  std::vector<std::filesystem::path> found = {groups};
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(groups, ignored))
    if (std::filesystem::exists(entry.path() / "cgroup.procs") && !entry.is_symlink()) found.push_back(entry.path());
  return found;
}

// The files in it go with it; only what is below must be gone before.
void remove_group(const std::filesystem::path& group) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(group, ignored))
    if (entry.is_directory(ignored)) remove_group(entry.path());
  ::rmdir(group.c_str());
}

bool remove_groups(const std::string& name) {
  bool gone = true;
  for (const auto& hierarchy : hierarchies()) {
    remove_group(hierarchy / name);
    gone = gone && !std::filesystem::exists(hierarchy / name);
  }
  return gone;
}

bool is_of_the_dead(std::string_view group) {
  if (!group.starts_with(prefix_of_groups)) return false;
  pid_t pid = 0;
  std::from_chars(group.data() + prefix_of_groups.size(), group.data() + group.size(), pid);
  return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

// A test that was killed could not remove its groups.
void remove_groups_of_the_dead() {
  std::error_code ignored;
  for (const auto& hierarchy : hierarchies())
    for (const auto& entry : std::filesystem::directory_iterator(hierarchy, ignored))
      if (is_of_the_dead(entry.path().filename().string())) remove_group(entry.path());
}

}  // namespace

Enclosure::Enclosure(const std::filesystem::path& folder)
    : name_(name_of_groups()), outer_({{enclosure_script(), "make", folder, name_}}) {
  remove_groups_of_the_dead();
  outer_.start();
  const bool ready = eventually(std::chrono::seconds(10), [&] { return !outer_.alive() || outer_.out() == "ready\n"; });
  if (!ready || !outer_.alive()) throw std::runtime_error("cannot make an enclosure: " + outer_.output());
  first_ = child_of(outer_.pid());
}

// The kernel ends all that is in a namespace of processes before it ends the first of them, for which the one outside
// waits.
Enclosure::~Enclosure() {
  if (first_ > 0) ::kill(first_, SIGKILL);
  outer_.wait(std::chrono::seconds(10));
  outer_.kill();
  eventually(std::chrono::seconds(5), [&] { return remove_groups(name_); });
}

std::vector<std::string> Enclosure::command(const std::vector<std::string>& argv) const {
  std::vector<std::string> all = {enclosure_script(), "run", name_, std::to_string(first_)};
  all.insert(all.end(), argv.begin(), argv.end());
  return all;
}

std::vector<pid_t> Enclosure::processes(const std::string& name) const {
  std::vector<pid_t> found;
  std::error_code ignored;
  const auto namespace_of = [&](const std::filesystem::path& process) {
    return std::filesystem::read_symlink(process / "ns/pid", ignored);
  };
  const auto ours = namespace_of("/proc/" + std::to_string(first_));
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto digits = entry.path().filename().string();
    pid_t pid = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), pid);
    if (pid <= 0 || namespace_of(entry.path()) != ours) continue;
    std::string own_name;
    std::getline(std::ifstream(entry.path() / "comm"), own_name);
    if (name.empty() || own_name == name.substr(0, 15)) found.push_back(pid);
  }
  return found;
}

pid_t child_of(pid_t parent) {
  pid_t child = -1;
  std::ifstream(fmt::format("/proc/{0}/task/{0}/children", parent)) >> child;
  return child > 0 ? child : -1;
}

}  // namespace shunt::harness
