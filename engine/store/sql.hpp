// Every SQL statement of the store.
#pragma once

#include <array>
#include <string_view>

namespace shunt::store::sql {

/// Goes up with every change of `tables`; kept in the file as `user_version`.
constexpr int layout = 2;

/// Columns stand in the order of row.hpp. Text is what a person may want to read with the sqlite3 shell, BLOBs are
/// encoded values (shunt::encode). There is no index besides the keys: a damaged one could hide a row that is still
/// there. `sum` is the checksum of the other columns, `digest` the XOR of all sums; tail_seq and tail_hash name the
/// run's last entry at the time its row was written.
constexpr std::array<const char*, 8> tables = {
    "CREATE TABLE store (number INTEGER PRIMARY KEY, sum TEXT NOT NULL, epoch INTEGER NOT NULL, changes INTEGER NOT "
    "NULL, "
    "digest TEXT NOT NULL) STRICT",
    "CREATE TABLE entry (run TEXT NOT NULL, seq INTEGER NOT NULL, branch TEXT NOT NULL, position INTEGER NOT NULL, "
    "kind TEXT NOT NULL, verb TEXT NOT NULL, args BLOB NOT NULL, body BLOB NOT NULL, epoch INTEGER NOT NULL, "
    "time INTEGER NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID",
    "CREATE TABLE run (number INTEGER PRIMARY KEY, sum TEXT NOT NULL, id TEXT NOT NULL, verb TEXT NOT NULL, "
    "strategy TEXT NOT NULL, version TEXT NOT NULL, reason TEXT NOT NULL, \"by\" TEXT NOT NULL, state TEXT NOT NULL, "
    "\"release\" TEXT NOT NULL, boot_id TEXT NOT NULL, bundle_sha TEXT NOT NULL, engine_abi INTEGER NOT NULL, "
    "epoch INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, exit INTEGER NOT NULL, inputs BLOB NOT "
    "NULL, "
    "report BLOB NOT NULL, tail_seq INTEGER NOT NULL, tail_hash TEXT NOT NULL) STRICT",
    "CREATE TABLE \"release\" (number INTEGER PRIMARY KEY, sum TEXT NOT NULL, id TEXT NOT NULL, version TEXT NOT NULL, "
    "run TEXT NOT NULL, ended TEXT NOT NULL, rolled_back_from INTEGER NOT NULL, adopted INTEGER NOT NULL, "
    "app_sha TEXT NOT NULL, bundle_sha TEXT NOT NULL, created INTEGER NOT NULL, services BLOB NOT NULL) STRICT",
    "CREATE TABLE app (number INTEGER PRIMARY KEY, sum TEXT NOT NULL, live TEXT NOT NULL, colors BLOB NOT NULL, "
    "shares BLOB NOT NULL, targets BLOB NOT NULL) STRICT",
    "CREATE TABLE inbox (number INTEGER PRIMARY KEY, sum TEXT NOT NULL, run TEXT NOT NULL, question TEXT NOT NULL, "
    "verb TEXT NOT NULL, \"by\" TEXT NOT NULL, reason TEXT NOT NULL, time INTEGER NOT NULL, taken INTEGER NOT NULL) "
    "STRICT",
    "CREATE TABLE blob (sha TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE notice (number INTEGER PRIMARY KEY, sum TEXT NOT NULL, id TEXT NOT NULL, run TEXT NOT NULL, "
    "event TEXT NOT NULL, channel TEXT NOT NULL, config BLOB NOT NULL, payload BLOB NOT NULL, state TEXT NOT NULL, "
    "attempts INTEGER NOT NULL, created INTEGER NOT NULL, due INTEGER NOT NULL, error TEXT NOT NULL) STRICT",
};

/// How many of `tables` each layout had, from 1 on; a later one only adds.
constexpr std::array<std::size_t, layout> tables_of_layout = {7, 8};

constexpr const char* get_layout = "PRAGMA user_version";
constexpr const char* set_layout = "PRAGMA user_version = 2";
constexpr const char* get_tables = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";

constexpr const char* begin_write = "BEGIN IMMEDIATE";
constexpr const char* begin_read = "BEGIN";
constexpr const char* commit = "COMMIT";
constexpr const char* rollback = "ROLLBACK";
constexpr const char* use_wal = "PRAGMA journal_mode = WAL";
constexpr const char* get_mode = "PRAGMA journal_mode";
constexpr const char* sync_full = "PRAGMA synchronous = FULL";
constexpr const char* sync_off = "PRAGMA synchronous = OFF";
/// Cells that reach beyond their page are found when the page is read. A log that was checkpointed is cut to 1 MiB when
/// it is used again.
constexpr const char* prepare_connection = "PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 1048576";
constexpr const char* checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";

constexpr const char* get_totals = "SELECT * FROM store WHERE number = 1";
constexpr const char* put_totals = "REPLACE INTO store VALUES (1, ?, ?, ?, ?)";

constexpr const char* add_entry = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* get_entries = "SELECT * FROM entry WHERE run = ? ORDER BY seq";
constexpr const char* get_tail = "SELECT seq, hash FROM entry WHERE run = ? ORDER BY seq DESC LIMIT 1";
constexpr const char* get_hash = "SELECT hash FROM entry WHERE run = ? AND seq = ?";

constexpr const char* add_blob = "INSERT OR IGNORE INTO blob VALUES (?, ?)";
constexpr const char* get_blob = "SELECT bytes FROM blob WHERE sha = ?";
constexpr const char* any_open_run = "SELECT 1 FROM run WHERE ended = 0 LIMIT 1";

/// The statements of one table of documents; `key` is what the contract finds a row by.
struct Documents {
  std::string_view table;
  const char* find;  ///< by key
  const char* list;  ///< newest first, at most ?1 rows (-1: all)
  const char* next;  ///< the number of a new row
  const char* put;   ///< number, sum, the other columns
};

constexpr Documents runs = {
    "run",
    "SELECT * FROM run WHERE id = ? ORDER BY number DESC LIMIT 1",
    "SELECT * FROM run ORDER BY number DESC LIMIT ?",
    "SELECT coalesce(max(number), 0) + 1 FROM run",
    "REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

constexpr Documents releases = {
    "release",
    "SELECT * FROM \"release\" WHERE id = ? ORDER BY number DESC LIMIT 1",
    "SELECT * FROM \"release\" ORDER BY number DESC LIMIT ?",
    "SELECT coalesce(max(number), 0) + 1 FROM \"release\"",
    "REPLACE INTO \"release\" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

constexpr Documents app = {
    "app",      "SELECT * FROM app WHERE number = ?",         "SELECT * FROM app ORDER BY number DESC LIMIT ?",
    "SELECT 1", "REPLACE INTO app VALUES (?, ?, ?, ?, ?, ?)",
};

constexpr Documents inbox = {
    "inbox",
    "SELECT * FROM inbox WHERE number = ?",
    "SELECT * FROM inbox ORDER BY number DESC LIMIT ?",
    "SELECT coalesce(max(number), 0) + 1 FROM inbox",
    "REPLACE INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

constexpr Documents notices = {
    "notice",
    "SELECT * FROM notice WHERE id = ? ORDER BY number DESC LIMIT 1",
    "SELECT * FROM notice ORDER BY number DESC LIMIT ?",
    "SELECT coalesce(max(number), 0) + 1 FROM notice",
    "REPLACE INTO notice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
};

constexpr const char* get_notices = "SELECT * FROM notice WHERE state = ? ORDER BY number";
constexpr const char* get_notices_of_run = "SELECT * FROM notice WHERE run = ? ORDER BY number";
constexpr const char* get_messages = "SELECT * FROM inbox WHERE run = ? ORDER BY number";

}  // namespace shunt::store::sql
