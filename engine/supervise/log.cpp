#include "supervise/log.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace shunt::supervise {

Log::Log(std::string path, std::string old_path) : old_path_(std::move(old_path)) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) return;
  changes_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (changes_ >= 0) ::inotify_add_watch(changes_, path.c_str(), IN_MODIFY);
}

Log::~Log() {
  if (changes_ >= 0) ::close(changes_);
  if (file_ >= 0) ::close(file_);
}

void Log::add_line(std::string_view text) {
  const std::string line = std::string(text) + "\n";
  if (::write(file_, line.data(), line.size()) < 0) return;  // a full disk: there is nobody to tell
}

void Log::forget_changes() {
  std::array<char, 4096> events{};
  while (::read(changes_, events.data(), events.size()) > 0) {
  }
}

bool Log::copy_to_old(std::int64_t from, std::int64_t to) const {
  const std::string next = old_path_ + ".new";
  const int old = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (old < 0) return false;
  std::array<char, 16384> part{};
  while (from < to) {
    const auto wanted = std::min<std::int64_t>(to - from, static_cast<std::int64_t>(part.size()));
    const auto count = ::pread(file_, part.data(), static_cast<std::size_t>(wanted), from);
    if (count <= 0 || ::write(old, part.data(), static_cast<std::size_t>(count)) != count) break;
    from += count;
  }
  ::close(old);
  return from == to && std::rename(next.c_str(), old_path_.c_str()) == 0;
}

void Log::rotate_if_long(std::int64_t limit) {
  struct stat facts = {};
  if (::fstat(file_, &facts) != 0 || facts.st_size < limit) return;
  // Only whole blocks can be cut off, and never the last one.
  const std::int64_t block = std::max<std::int64_t>(facts.st_blksize, 1);
  const std::int64_t cut = (facts.st_size - 1) / block * block;
  if (cut > 0 && copy_to_old(std::max<std::int64_t>(cut - limit, 0), cut) &&
      ::fallocate(file_, FALLOC_FL_COLLAPSE_RANGE, 0, cut) == 0)
    return;
  // A full disk must not stop the file from being emptied, or it would stay full.
  copy_to_old(std::max<std::int64_t>(facts.st_size - limit, 0), facts.st_size);
  if (::ftruncate(file_, 0) != 0) return;
}

}  // namespace shunt::supervise
