#include "process/access.hpp"

#include <sys/stat.h>

#include <fmt/format.h>
#include <cerrno>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>

namespace shunt::process {

namespace {

/// Who a process is to the file system.
struct User {
  uid_t uid = 0;
  std::set<gid_t> groups;
};

std::optional<User> user_of(pid_t pid) {
  std::ifstream lines(fmt::format("/proc/{}/status", pid));
  if (!lines) return std::nullopt;
  User user;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    words >> key;
    long number = 0;
    if (key == "Uid:" && words >> number && words >> number) user.uid = static_cast<uid_t>(number);
    if (key == "Gid:" && words >> number && words >> number) user.groups.insert(static_cast<gid_t>(number));
    if (key != "Groups:") continue;
    while (words >> number) user.groups.insert(static_cast<gid_t>(number));
  }
  return user;
}

/// Before a path as the process means it: "" where it sees the same files.
std::string root_of(pid_t pid) {
  const auto mounts_of = [](const std::string& process) {
    std::error_code error;
    return std::filesystem::read_symlink(fmt::format("/proc/{}/ns/mnt", process), error);
  };
  const auto theirs = mounts_of(std::to_string(pid));
  return theirs.empty() || theirs == mounts_of("self") ? "" : fmt::format("/proc/{}/root", pid);
}

bool may_enter(const User& user, const std::filesystem::path& folder) {
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) return true;  // another matter
  if (user.uid == 0) return true;
  if (facts.st_uid == user.uid) return (facts.st_mode & S_IXUSR) != 0;
  if (user.groups.count(facts.st_gid) != 0) return (facts.st_mode & S_IXGRP) != 0;
  return (facts.st_mode & S_IXOTH) != 0;
}

}  // namespace

std::filesystem::path closed_to(pid_t pid, const std::filesystem::path& path) {
  const auto user = user_of(pid);
  if (!user) return {};
  const auto root = root_of(pid);
  std::filesystem::path way;
  for (const auto& part : path) {
    way /= part;
    if (!may_enter(*user, root + way.string())) return way;
  }
  return {};
}

bool sees(pid_t pid, const std::filesystem::path& path) {
  struct stat here {};
  struct stat there {};
  const auto root = root_of(pid);
  if (root.empty() || ::stat(path.c_str(), &here) != 0) return true;
  if (::stat((root + path.string()).c_str(), &there) != 0) return errno != ENOENT && errno != ENOTDIR;
  return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

}  // namespace shunt::process
