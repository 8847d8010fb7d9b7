#include "adapters/proxy/haproxy/state_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "loop/sleep.hpp"

namespace shunt::haproxy {

namespace {

constexpr Milliseconds lock_pause{5};

Error not_written(const std::filesystem::path& file, const std::string& reason) {
  Error error(
      "SH1507", Kind::adapter,
      fmt::format("HAProxy's state file {} cannot be written: {}; the weights are set, but a reload would lose them",
                  file.string(), reason),
      "make its folder writable for shunt, or remove `state_file`");
  error.retryable = true;
  return error;
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

int open_folder(const std::filesystem::path& file) {
  return ::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool write_all(int file, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    done += static_cast<std::size_t>(wrote);
  }
  return true;
}

/// The temporary file, written and on the disk; false with errno set otherwise.
bool write_synced(const std::filesystem::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (descriptor < 0) return false;
  const bool good = ::fchmod(descriptor, 0644) == 0 && write_all(descriptor, text) && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  return good;
}

}  // namespace

FolderLock::~FolderLock() {
  if (folder_ >= 0) ::close(folder_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : folder_(std::exchange(other.folder_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(folder_, other.folder_);
  return *this;
}

Task<Result<FolderLock>> lock_folder_of(std::filesystem::path file, Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const int folder = open_folder(file);
  if (folder < 0) co_return not_written(file, std::strerror(errno));
  FolderLock lock(folder);
  while (::flock(folder, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) co_return not_written(file, std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline) co_return not_written(file, "another program holds its folder");
    co_await loop::sleep(lock_pause);
  }
  co_return lock;
}

Result<void> write_state_file(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path temporary = file.string() + ".shunt";
  if (!write_synced(temporary, text) || ::rename(temporary.c_str(), file.c_str()) != 0) {
    auto error = not_written(file, std::strerror(errno));
    ::unlink(temporary.c_str());
    return error;
  }
  const int folder = open_folder(file);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  const int reason = errno;
  if (folder >= 0) ::close(folder);
  if (!synced) return not_written(file, std::strerror(reason));
  return {};
}

}  // namespace shunt::haproxy
