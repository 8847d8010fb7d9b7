// The head file: a witness of the last commit beside the database, because a log that lost its end does not know it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "store/store.hpp"

namespace shunt::store {

struct Head {
  std::string run;  ///< of the last entry, "" when there is none yet
  std::int64_t seq = 0;
  std::string hash;
  std::int64_t changes = 0;  ///< how many transactions had changed documents
};

/// Nothing when there is none, or none that can be read: it is written without fsync, and a power cut may leave
/// anything.
std::optional<Head> read_head(const std::filesystem::path& folder);

/// Writes over the file in place: a rename or a truncation would make the file system write to the disk at each commit.
/// A failure is not told: the commit it would witness is durable already, and the head before it stays true.
void write_head(const std::filesystem::path& folder, const Head& head);

}  // namespace shunt::store
