// The rows that are replaced as a run goes on: runs, releases, the app's state, messages, notices. Each carries a
// checksum, and the store keeps the XOR of all of them: a row that was changed or lost by the disk is found.
#pragma once

#include "store/database.hpp"
#include "store/sql.hpp"

namespace shunt::store {

/// The one row of the store's own.
struct Totals {
  std::int64_t epoch = 0;
  std::int64_t changes = 0;  ///< how many transactions changed documents
  std::string digest;        ///< XOR of the checksums of all documents
};

/// One row of a table of documents.
struct Document {
  std::int64_t number = 0;  ///< in order of creation
  std::string sum;
  Row row;  ///< the columns after these two
};

/// SH1802, about one thing in the store of `database`.
Failure damaged(const Database& database, const std::string& what);

Totals first_totals();  ///< of an empty store
Totals read_totals(Database& database);
void write_totals(Database& database, const Totals& totals);

/// Each row that is read is checked: SH1802.
std::optional<Document> find(Database& database, const sql::Documents& table, const Cell& key);
std::vector<Document> list(Database& database, const sql::Documents& table, int limit);

/// The rows that one of `table`'s own queries finds, in its order.
std::vector<Document> select(Database& database, const sql::Documents& table, const char* sql, const Cell& parameter);

/// Replaces `before`, or adds a row; returns its number. Changes `totals`, which the caller writes in the same
/// transaction.
std::int64_t put(Database& database, const sql::Documents& table, Totals& totals, const std::optional<Document>& before,
                 const Row& row);

/// Reads every document and compares all checksums with the total: SH1802.
void check_documents(Database& database);

/// The item whose fields start the document's row.
template <typename Item>
Item item_of(const Database& database, const Document& document) {
  try {
    return from_row<Item>(document.row);
  } catch (const std::invalid_argument& reason) {
    throw damaged(database, reason.what());
  }
}

}  // namespace shunt::store
