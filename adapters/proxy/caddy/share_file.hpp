// The file whose name tells Caddy green's share, at every request and without a new configuration.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/proxy.hpp"

namespace shunt::caddy {

inline constexpr int share_step = 5;  ///< percent: one route for each
inline constexpr const char* nobody = "nobody";

/// What the file for these weights is called after "SERVICE.": green's share, the nearest multiple of five, but neither
/// 0 nor 100 while both have a weight; "nobody" when neither has.
std::string share_name(Weights weights);

/// Every such name, in the order in which Caddy looks for them: those that last come first.
const std::vector<std::string>& share_names();

/// Where green has that share: the entries of 20 that each colour has; 0 and 0 for "nobody".
Weights parts_of(const std::string& share);

/// What is in the folder: one file, unless somebody else put more there.
struct Told {
  std::set<std::string> shares;  ///< the names that are there, without "SERVICE."
  std::string share;             ///< the one that Caddy finds first; "" for none, which means blue
  Weights weights{100, 0};       ///< as shunt wrote them into it, or what its name says

  Told() = default;
};

/// SH1508 when the folder cannot be read; a missing one is empty.
Result<Told> read_told(const std::filesystem::path& folder, const std::string& service);

/// Lets the file say `weights`, in one atomic step (it is renamed) that is on the disk when this returns, and removes
/// what else says a share. SH1508 otherwise.
Result<void> tell(const std::filesystem::path& folder, const std::string& service, Weights weights);

/// SH1508.
Error file_error(const std::filesystem::path& path, const char* wanted, const std::string& reason);

}  // namespace shunt::caddy
