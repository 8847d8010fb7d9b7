#include "adapters/proxy/nginx/own_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include "loop/sleep.hpp"

namespace shunt::nginx {

namespace {

constexpr Milliseconds lock_pause{5};
constexpr std::size_t most_bytes = 8 << 20;

Error file_error(const std::filesystem::path& file, const char* wanted, const std::string& reason) {
  return Error("SH1508", Kind::adapter, fmt::format("nginx's file {} cannot be {}: {}", file.string(), wanted, reason),
               "give shunt the right to read it, and to write into its folder");
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
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

/// False with errno set otherwise.
bool write_synced(const std::filesystem::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (descriptor < 0) return false;
  const bool good = ::fchmod(descriptor, 0644) == 0 && write_all(descriptor, text) && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  errno = reason;
  return good;
}

void sync_folder(const std::filesystem::path& file) {
  const int folder = ::open(folder_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

bool exchange_names(const std::filesystem::path& a, const std::filesystem::path& b) {
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0;
}

}  // namespace

Result<Content> read_file(const std::filesystem::path& file) {
  Content content;
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 && errno == ENOENT) return content;
  if (descriptor < 0) return file_error(file, "read", std::strerror(errno));
  struct stat facts {};
  ssize_t got = ::fstat(descriptor, &facts);
  std::array<char, 65536> buffer;
  while (got >= 0 && content.text.size() < most_bytes) {
    got = ::read(descriptor, buffer.data(), buffer.size());
    if (got == 0) break;
    if (got > 0) content.text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const int reason = errno;
  ::close(descriptor);
  if (got < 0) return file_error(file, "read", std::strerror(reason));
  content.exists = true;
  content.modified = facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1'000'000;
  return content;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Task<Result<FileLock>> lock_file(std::filesystem::path file, Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto path = file.string() + ".lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (descriptor < 0) co_return file_error(path, "opened", std::strerror(errno));
  FileLock lock(descriptor);
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) co_return file_error(path, "locked", std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline) {
      auto error = file_error(path, "locked", "another shunt holds it");
      error.retryable = true;
      error.remedy = "wait until that one has ended";
      co_return error;
    }
    co_await loop::sleep(lock_pause);
  }
  co_return lock;
}

Result<Replacement> Replacement::make(const std::filesystem::path& file, const Content& before,
                                      const std::string& text) {
  Replacement replacement(file, text);
  if (!write_synced(replacement.old(), text) || !replacement.exchange(before)) {
    auto error = file_error(file, "written", std::strerror(errno));
    ::unlink(replacement.old().c_str());
    return error;
  }
  sync_folder(file);
  return replacement;
}

std::filesystem::path Replacement::old() const {
  return file_.string() + ".shunt";
}

/// False with errno set when it cannot be done; `made_` tells whether it was.
bool Replacement::exchange(const Content& before) {
  const auto ours = old();
  if (!before.exists) {
    made_ = rename_to_new(ours, file_);
    if (!made_ && errno != EEXIST) return false;
    if (!made_) ::unlink(ours.c_str());
    return true;
  }
  if (!exchange_names(ours, file_)) {
    if (errno != ENOENT) return false;
    ::unlink(ours.c_str());  // it was there when it was read
    return true;
  }
  existed_ = true;
  const auto taken = read_file(ours);
  made_ = taken && taken->text == before.text;
  if (made_) return true;
  exchange_names(ours, file_);
  ::unlink(ours.c_str());
  return true;
}

Replacement::Replacement(Replacement&& other) noexcept
    : file_(std::move(other.file_)),
      text_(std::move(other.text_)),
      existed_(other.existed_),
      made_(std::exchange(other.made_, false)) {}

Replacement::~Replacement() {
  undo();
}

void Replacement::keep() {
  if (!std::exchange(made_, false)) return;
  if (existed_) ::unlink(old().c_str());
}

void Replacement::undo() {
  if (!std::exchange(made_, false)) return;
  const auto now = read_file(file_);
  if (!now || now->text != text_) {
    ::unlink(old().c_str());
  } else if (existed_) {
    exchange_names(old(), file_);
    ::unlink(old().c_str());
  } else {
    ::unlink(file_.c_str());
  }
  sync_folder(file_);
}

}  // namespace shunt::nginx
