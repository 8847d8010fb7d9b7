// The output of an instance: one file that stays small, and one older one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace shunt::supervise {

/// The command writes into the file itself (opened for appending), so that it goes on undisturbed when its supervisor
/// is killed. The price: the file can be longer than the limit for a moment, until `rotate_if_long` was called.
class Log {
 public:
  static constexpr std::int64_t limit = 10 * 1024 * 1024;

  /// `descriptor()` is -1, and errno says why, when the file cannot be opened.
  Log(std::string path, std::string old_path);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// For the command's standard output and error.
  int descriptor() const { return file_; }

  /// A line of the supervisor's own.
  void add_line(std::string_view text);

  /// When the file has reached `limit` bytes: its last `limit` bytes become the old file, and it starts anew. Nothing
  /// is lost on ext4 and XFS, which can cut the front off a file that is being written to; elsewhere, what is written
  /// in the instant between copying and emptying it is.
  void rotate_if_long(std::int64_t limit = Log::limit);

  /// Becomes readable when the file was written to; -1 where the system cannot say.
  int changes() const { return changes_; }

  /// Forgets the changes told so far.
  void forget_changes();

 private:
  bool copy_to_old(std::int64_t from, std::int64_t to) const;

  std::string old_path_;
  int file_ = -1;
  int changes_ = -1;
};

}  // namespace shunt::supervise
