#include "supervise/lock.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace shunt::supervise {

namespace {

// Locks of the open file description: unlike flock(2), they can be looked at without being taken.
struct flock whole_file() {
  struct flock region = {};
  region.l_type = F_WRLCK;
  region.l_whence = SEEK_SET;
  return region;
}

}  // namespace

std::optional<Lock> Lock::take(const std::string& path) {
  Lock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  auto region = whole_file();
  if (lock.file_ < 0 || ::fcntl(lock.file_, F_OFD_SETLK, &region) != 0) return std::nullopt;
  return lock;
}

bool Lock::is_held(const std::string& path) {
  const Lock file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  auto region = whole_file();
  return file.file_ >= 0 && ::fcntl(file.file_, F_OFD_GETLK, &region) == 0 && region.l_type != F_UNLCK;
}

Lock& Lock::operator=(Lock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

Lock::~Lock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace shunt::supervise
