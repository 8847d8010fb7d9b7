// Files and folders that belong to one user, whatever the umask.
#pragma once

#include <filesystem>

namespace shunt::store {

/// Makes `folder` (0700) and the missing ones above it, to survive a power cut. One that exists is left as it is: it
/// may be anybody's. Throws std::system_error.
void make_private_folder(const std::filesystem::path& folder);

/// Makes an empty file (0600); true when it was not there before. One that exists and is ours gets that mode without
/// being opened: closing a descriptor would release the locks that SQLite holds on it in this process. Throws
/// std::system_error.
bool make_private_file(const std::filesystem::path& file);

/// Held by one process at a time, for a short piece of work in a folder; waits for it. Throws std::system_error.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_;
};

/// Makes the names in `folder` survive a power cut. Throws std::system_error.
void sync_folder(const std::filesystem::path& folder);

}  // namespace shunt::store
