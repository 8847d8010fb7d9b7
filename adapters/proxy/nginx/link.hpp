// The symbolic link that tells nginx each colour's share, at every request and without a reload.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "shunt/error.hpp"
#include "shunt/proxy.hpp"

namespace shunt::nginx {

/// What a link says. It leads to one of 101 empty folders beside it, `0` to `100`: green's share; or to `nobody`. Where
/// weights do not add up to 100 it does so by another link beside it, whose name tells them: weights-100-50.
struct Pointer {
  bool present = false;
  bool leads = false;  ///< to one of the folders
  std::string target;  ///< as it stands in the link
  Weights weights{100, 0};
  Weights shares{100, 0};  ///< what nginx makes of it; where it leads nowhere, everything goes to blue

  Pointer() = default;
};

/// Green's share of these weights, 0 to 100: the nearest whole one, but neither 0 nor 100 while both have a weight; -1
/// when neither has.
int share_of(Weights weights);

/// Name of the folder for these weights.
std::string folder_for(Weights weights);

/// What stands in a link for these weights: the folder itself, or the name of a link to it.
std::string target_for(Weights weights);

/// Where the folders are, as nginx's $realpath_root names it: without links. The folder itself may be missing.
std::filesystem::path folder_of_link(const std::filesystem::path& link);

/// SH1508 when it cannot be read, or is something else than a link.
Result<Pointer> read_link(const std::filesystem::path& link);

/// Makes the folders that are missing, with those above them, and lets everybody enter them (0755, whatever the umask).
/// SH1508 otherwise.
Result<void> make_folders(const std::filesystem::path& link);

/// Lets the link lead to `weights`, in one atomic step that is on the disk when this returns. SH1508 otherwise.
Result<void> point(const std::filesystem::path& link, Weights weights);

/// Whether a link may have this name beside what shunt makes there.
bool is_free_name(const std::string& name);

}  // namespace shunt::nginx
