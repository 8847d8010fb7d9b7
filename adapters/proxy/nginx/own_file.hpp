// The file that shunt and an operator both write: whole or not at all, and never over something unread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "shunt/duration.hpp"
#include "shunt/error.hpp"
#include "shunt/task.hpp"

namespace shunt::nginx {

/// What a file held when it was read.
struct Content {
  std::string text;
  bool exists = false;
  std::int64_t modified = 0;  ///< unix ms

  Content() = default;
};

/// A missing file is empty. SH1508 when it cannot be read.
Result<Content> read_file(const std::filesystem::path& file);

/// Holds `file` against every other shunt (an advisory lock on FILE.lock beside it) while it lives.
class FileLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

 private:
  int descriptor_ = -1;
};

/// Waits for at most `limit`. SH1508 when the lock file cannot be made or is held for longer.
Task<Result<FileLock>> lock_file(std::filesystem::path file, Milliseconds limit);

/// A file with new content, which goes back to the old one unless it is kept. The caller holds the lock.
class Replacement {
 public:
  /// Writes `text` into a temporary file beside `file` (mode 0644), syncs it, and exchanges the two, so that what an
  /// editor wrote since `before` was read is seen, never lost: then nothing is done and `made` is false. SH1508 when it
  /// cannot be written.
  static Result<Replacement> make(const std::filesystem::path& file, const Content& before, const std::string& text);

  ~Replacement();
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;

  bool made() const { return made_; }
  void keep();
  /// The old content is back, with the time of its last change; unless somebody has edited the file meanwhile.
  void undo();

 private:
  Replacement(std::filesystem::path file, std::string text) : file_(std::move(file)), text_(std::move(text)) {}

  std::filesystem::path old() const;
  bool exchange(const Content& before);

  std::filesystem::path file_;
  std::string text_;
  bool existed_ = false;
  bool made_ = false;
};

}  // namespace shunt::nginx
