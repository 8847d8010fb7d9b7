// The file from which HAProxy takes up weights and states after a reload or restart.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "shunt/duration.hpp"
#include "shunt/error.hpp"
#include "shunt/task.hpp"

namespace shunt::haproxy {

/// Holds the folder of a state file against every other shunt (an advisory lock on the folder itself) while it lives:
/// HAProxy writes all its backends into one dump, and an older dump must not replace a newer one.
class FolderLock {
 public:
  FolderLock() = default;
  explicit FolderLock(int folder) : folder_(folder) {}
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int folder_ = -1;
};

/// Waits for the lock for at most `limit`. SH1507 when there is no such folder, or time is up.
Task<Result<FolderLock>> lock_folder_of(std::filesystem::path file, Milliseconds limit);

/// The dump with every server up that was down when it was made: at its next start HAProxy asks again, and until then
/// it would send nobody to a server that has long been up. Weights and administrative states are as they were.
std::string without_health(const std::string& dump);

/// Replaces `file` by `text`, whole or not at all, also when the machine loses power: a temporary file beside it,
/// fsync, rename, fsync of the folder. Mode 0644: HAProxy reads it before or after it drops its rights. The caller
/// holds the lock. SH1507 when it cannot be written; the old content stays.
Result<void> write_state_file(const std::filesystem::path& file, const std::string& text);

}  // namespace shunt::haproxy
