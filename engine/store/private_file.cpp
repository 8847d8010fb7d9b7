#include "store/private_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace shunt::store {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

// Also widens: a umask may have taken the owner's own rights.
void set_mode(const std::filesystem::path& path, mode_t mode) {
  struct stat now {};
  if (::stat(path.c_str(), &now) != 0) fail(path);
  if (now.st_uid != ::geteuid() || (now.st_mode & 07777) == mode) return;
  if (::chmod(path.c_str(), mode) != 0) fail(path);
}

}  // namespace

void make_private_folder(const std::filesystem::path& folder) {
  const auto above = folder.parent_path();
  std::error_code unknown;
  if (!above.empty() && !std::filesystem::exists(above, unknown)) make_private_folder(above);
  if (::mkdir(folder.c_str(), 0700) == 0) {
    set_mode(folder, 0700);
    sync_folder(above.empty() ? "." : above);
  } else if (errno != EEXIST) {
    fail(folder);
  } else if (!std::filesystem::is_directory(folder, unknown)) {
    throw std::system_error(ENOTDIR, std::generic_category(), folder);
  }
}

bool make_private_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno != EEXIST) fail(file);
  if (descriptor >= 0) ::close(descriptor);
  set_mode(file, 0600);
  return descriptor >= 0;
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail(folder);
  while (::flock(descriptor_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int reason = errno;
    ::close(descriptor_);
    throw std::system_error(reason, std::generic_category(), folder.string());
  }
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail(folder);
  const int failed = ::fsync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  if (failed != 0) throw std::system_error(reason, std::generic_category(), folder.string());
}

}  // namespace shunt::store
