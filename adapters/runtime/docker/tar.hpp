// A tar file that is being written.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "process/launch.hpp"
#include "shunt/error.hpp"

namespace shunt::adapters::docker {

/// In the format of GNU tar (https://www.gnu.org/software/tar/manual/html_node/Standard.html), which keeps names of any
/// length and any bytes as they are. Every entry belongs to user and group 0. All failures are SH1414 and name the tar
/// file; after one it is of no use.
///
/// Written here because libarchive cannot be had for less than all of it: loaded, it brings a dozen libraries to every
/// start of shunt; linked statically, each of its writers wants all formats, unless a linker drops them again.
class Tar {
 public:
  struct Entry {
    std::string name;           ///< relative, without a slash at its end
    mode_t mode = 0;            ///< type (a folder, file or symbolic link) and rights, as in `struct stat`
    std::int64_t size = 0;      ///< of a file
    std::int64_t modified = 0;  ///< seconds since 1970
    std::string target;         ///< of a symbolic link
  };

  /// Creates or empties `file`, for this user alone: what goes into it may be secret.
  static Result<Tar> create(const std::filesystem::path& file);

  Result<void> add(const Entry& entry);

  /// The next bytes of the file that was added last; together they are as many as its `size`.
  Result<void> write(std::string_view bytes);

  /// Completes the file and returns its size in bytes.
  Result<std::int64_t> finish();

  /// Whether it is this one that stands at a place where it must not pack itself.
  bool is_at(dev_t device, ino_t inode) const { return device == device_ && inode == inode_; }

 private:
  Tar() = default;
  void fill_block();
  void append_long(char type, std::string_view text);
  Result<void> flush();

  std::filesystem::path file_;
  process::Descriptor descriptor_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::string waiting_;       ///< what is not written yet
  std::int64_t written_ = 0;  ///< bytes
};

}  // namespace shunt::adapters::docker
