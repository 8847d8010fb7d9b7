#include "adapters/proxy/haproxy/state_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sstream>
#include <utility>

#include "files/whole_file.hpp"
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

/// "BACKEND_ID BACKEND SERVER_ID SERVER ADDRESS STATE ...": the state becomes 2, running.
std::string with_running_server(std::string line) {
  std::size_t begin = 0;
  for (int field = 0; field < 5; ++field) {
    const auto space = line.find(' ', begin);
    if (space == std::string::npos) return line;
    begin = space + 1;
  }
  const auto end = std::min(line.find(' ', begin), line.size());
  return line.replace(begin, end - begin, "2");
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

std::string without_health(const std::string& dump) {
  std::string text;
  std::istringstream lines(dump);
  for (std::string line; std::getline(lines, line);)
    text += (line.starts_with('#') ? line : with_running_server(line)) + "\n";
  return text;
}

Result<void> write_state_file(const std::filesystem::path& file, const std::string& text) {
  if (const auto error = files::write_whole(file, text)) return not_written(file, error.message());
  return {};
}

}  // namespace shunt::haproxy
