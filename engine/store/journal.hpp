// Entries and their chain: each hash covers all fields of the entry and the hash before it.
#pragma once

#include "store/database.hpp"
#include "store/head.hpp"

namespace shunt::store {

/// The end of a run's chain; 0 and "" before its first entry.
struct Tail {
  std::int64_t seq = 0;
  std::string hash;
};

/// Sets the entry's seq and hash to follow `tail`, moves `tail` on to it, and returns its row.
Row chain(Entry& entry, Tail& tail);

void add_entry(Database& database, const Row& row);
Tail read_tail(Database& database, const std::string& run);

/// In order; SH1802 when one is missing in between or cannot be decoded.
std::vector<Entry> read_entries(Database& database, const std::string& run);

/// SH1802, naming the entry, when an entry is missing or is not what was written, or when the chain ends before
/// `least`.
void check_chain(Database& database, const std::string& run, const Tail& least);

/// SH1802 when the store is behind what the head file witnesses. The head must have been read before the transaction
/// began.
void check_head(Database& database, const std::optional<Head>& head);

}  // namespace shunt::store
