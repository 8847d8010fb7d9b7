#include "store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <cstring>

#include "store/sql.hpp"

namespace shunt::store {

namespace {

// Long enough for the short transactions of other processes, short enough to stay below anybody's patience.
constexpr int patience_ms = 5'000;

std::string reason_of(sqlite3* connection) {
  if (connection == nullptr) return "out of memory";
  std::string reason = sqlite3_errmsg(connection);
  const int code = sqlite3_errcode(connection) & 0xff;
  const int system = sqlite3_system_errno(connection);
  if (system != 0 && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_FULL))
    reason += fmt::format(" ({})", std::strerror(system));
  if (code == SQLITE_BUSY) reason = fmt::format("another process has been writing for {} s", patience_ms / 1000);
  return reason;
}

}  // namespace

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(const Cell& cell) {
  ++bound_;
  int failed = SQLITE_OK;
  if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    failed = sqlite3_bind_int64(statement_, bound_, *number);
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    failed = sqlite3_bind_text64(statement_, bound_, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  } else {
    const auto& data = std::get<Bytes>(cell).data;
    failed = sqlite3_bind_blob64(statement_, bound_, data.data(), data.size(), SQLITE_STATIC);
  }
  if (failed != SQLITE_OK) database_->fail();
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_);
  if (result != SQLITE_ROW && result != SQLITE_DONE) database_->fail();
  return result == SQLITE_ROW;
}

Cell Statement::cell(int column) const {
  const int type = sqlite3_column_type(statement_, column);
  if (type == SQLITE_INTEGER) return std::int64_t{sqlite3_column_int64(statement_, column)};
  // The order matters: the call for the bytes may convert, the call for their number must come after it.
  const auto* data =
      static_cast<const char*>(type == SQLITE_TEXT ? static_cast<const void*>(sqlite3_column_text(statement_, column))
                                                   : sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  std::string bytes = data == nullptr ? std::string() : std::string(data, size);
  if (type == SQLITE_TEXT) return bytes;
  return Bytes{std::move(bytes)};
}

Row Statement::row() const {
  Row row;
  const int columns = sqlite3_column_count(statement_);
  row.reserve(static_cast<std::size_t>(columns));
  for (int column = 0; column < columns; ++column) row.push_back(cell(column));
  return row;
}

void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}
void Database::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Database::Database(std::filesystem::path file, Mode mode) : file_(std::move(file)) {
  sqlite3* connection = nullptr;
  const int access = mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int opened =
      sqlite3_open_v2(file_.c_str(), &connection, access | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  connection_.reset(connection);
  if (opened != SQLITE_OK) fail();

  sqlite3_busy_timeout(connection, patience_ms);
  // Pages of the log carry checksums, pages of the main file do not: nothing moves from one to the other behind our
  // back.
  sqlite3_wal_autocheckpoint(connection, 0);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  execute(sql::prepare_connection);
  set_durability(Durability::synced);
}

Statement Database::prepare(const char* sql) {
  auto& statement = statements_[sql];
  if (!statement) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK) fail();
    statement.reset(made);
  }
  return Statement(*this, statement.get());
}

void Database::execute(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void Database::set_durability(Durability durability) {
  if (durability_ == durability) return;
  execute(durability == Durability::synced ? sql::sync_full : sql::sync_off);
  durability_ = durability;
}

std::optional<Cell> Database::ask(const char* sql) {
  auto statement = prepare(sql);
  if (!statement.step()) return std::nullopt;
  return statement.cell(0);
}

void Database::fail() const {
  auto* const connection = connection_.get();
  const int code = connection == nullptr ? SQLITE_NOMEM : sqlite3_errcode(connection) & 0xff;
  const std::string reason = reason_of(connection);
  if (writing_ && code != SQLITE_CORRUPT && code != SQLITE_NOTADB) {
    Error error("SH1804", Kind::adapter, fmt::format("{} could not be written: {}", file_.string(), reason),
                "Make room or repair the disk; `shunt resume` then goes on from the last entry that was written");
    error.retryable = code == SQLITE_BUSY;
    throw Failure(std::move(error));
  }
  const char* known_as = code == SQLITE_CORRUPT ? "SH1802" : "SH1801";
  throw Failure(Error(known_as, Kind::adapter, fmt::format("{} could not be read: {}", file_.string(), reason),
                      "Check who owns it and whether the disk is sound; a damaged one must come back from a copy"));
}

Transaction::Transaction(Database& database, Mode mode) : database_(database) {
  database_.writing_ = mode == Mode::write;
  try {
    database_.prepare(mode == Mode::write ? sql::begin_write : sql::begin_read).step();
  } catch (const Failure&) {
    database_.writing_ = false;
    throw;
  }
}

Transaction::~Transaction() {
  database_.writing_ = false;
  if (sqlite3_get_autocommit(database_.connection_.get()) != 0) return;
  // Should this fail too, the connection stays in the transaction, and the next begin says so.
  sqlite3_exec(database_.connection_.get(), sql::rollback, nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.prepare(sql::commit).step();
}

}  // namespace shunt::store
