// Containers that somebody else started, and shunt took over.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shunt/runtime.hpp"

namespace shunt::adapters::docker {

/// What is written down about one: a file FOLDER/ID. It is known by its container's id, so another container at the
/// same address is a stranger.
struct Adopted {
  std::string container;
  InstanceState about;  ///< id, labels, index, address, may_stop

  Adopted() = default;
};

/// Nothing when there is none.
std::optional<Adopted> read_adopted(const std::filesystem::path& folder, const std::string& id);

/// Of all apps, in no order.
std::vector<Adopted> all_adopted(const std::filesystem::path& folder);

/// SH1404 when it cannot be written.
Result<void> write_adopted(const std::filesystem::path& folder, const Adopted& adopted);

void forget_adopted(const std::filesystem::path& folder, const std::string& id);

}  // namespace shunt::adapters::docker
