// Which image each release was started from, so that a rollback starts that one, whatever its name means by then.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shunt/runtime.hpp"

namespace shunt::adapters::docker {

/// One service of one release: a file of the folder. The image has a second name of shunt's own, which keeps it there.
struct Kept {
  std::string app;
  std::string service;
  std::string release;
  std::string image;     ///< the name that the app file gave it
  std::string id;        ///< what that name meant then
  bool fetched = false;  ///< shunt pulled or built it: it may remove that name, too

  Kept() = default;
};

/// "shunt/shop-web:RELEASE": the name of shunt's own.
std::string own_name(const std::string& app, const std::string& service, const std::string& release);

/// Nothing when there is none.
std::optional<Kept> read_kept(const std::filesystem::path& folder, const std::string& service,
                              const std::string& release);

std::vector<Kept> all_kept(const std::filesystem::path& folder);

/// SH1404 when it cannot be written.
Result<void> write_kept(const std::filesystem::path& folder, const Kept& kept);

void forget_kept(const std::filesystem::path& folder, const Kept& kept);

}  // namespace shunt::adapters::docker
