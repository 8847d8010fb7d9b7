// Folders and files on their way into a tar file.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "adapters/runtime/docker/ignore.hpp"
#include "adapters/runtime/docker/tar.hpp"

namespace shunt::adapters::docker {

/// What a tar says of `name`, which has these facts.
Tar::Entry entry_for(std::string name, const struct stat& facts);

/// Walks through a build context. Names are relative to it. All failures are SH1414 and name the file.
class Packer {
 public:
  /// `left_out` is one more name that is not packed.
  Packer(std::filesystem::path context, IgnoreList ignore, std::string left_out, Tar& tar);

  /// What lies in the folder `name`, on which `verdict` was given; "" is the context.
  Result<void> pack_folder(const std::string& name, const IgnoreList::Verdict& verdict);

  /// The content of `source`, as `name`. It must stay as it is meanwhile.
  Result<void> pack_file(const std::filesystem::path& source, const std::string& name);

 private:
  Result<std::vector<std::string>> names_in(const std::string& folder) const;
  Result<void> pack(const std::string& name, const IgnoreList::Verdict& above);
  Result<void> pack_below(Tar::Entry folder, const IgnoreList::Verdict& verdict);
  Result<void> pack_link(Tar::Entry link);
  Result<void> copy(int file, const struct stat& facts, const std::filesystem::path& source);
  Result<void> add_awaited();

  std::filesystem::path context_;
  IgnoreList ignore_;
  std::string left_out_;
  Tar& tar_;
  std::vector<char> block_;
  std::vector<Tar::Entry> awaited_;  ///< excluded folders above, which are added if something in them is
};

}  // namespace shunt::adapters::docker
