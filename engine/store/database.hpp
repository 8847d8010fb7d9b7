// One SQLite connection. Inside this folder failures travel as Failure; the store turns them into results.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "store/row.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace shunt::store {

/// A prepared statement on loan; given back, reset, when it goes out of scope. One loan of a statement at a time.
class Statement {
 public:
  Statement(class Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Binds the next parameter; `cell` must live until the statement is given back.
  Statement& bind(const Cell& cell);
  Statement& bind(const Cell&& cell) = delete;

  /// True when there is a row. Throws Failure.
  bool step();

  Cell cell(int column) const;
  Row row() const;

 private:
  Database* database_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

/// Whether what is written must survive a power cut, or only the end of this process.
enum class Durability { synced, unsynced };

/// A connection in serialized mode, with WAL, without automatic checkpoints. Every function throws Failure: SH1801 for
/// what cannot be read, SH1804 for what cannot be written.
class Database {
 public:
  /// `file` exists.
  Database(std::filesystem::path file, Mode mode);

  /// `sql` is one of store::sql: a statement is prepared once, and found by its address.
  Statement prepare(const char* sql);
  void execute(const char* sql);
  void set_durability(Durability durability);

  /// The first cell of the first row.
  std::optional<Cell> ask(const char* sql);

  [[noreturn]] void fail() const;
  const std::filesystem::path& file() const { return file_; }

 private:
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* connection) const;
    void operator()(sqlite3_stmt* statement) const;
  };

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> connection_;
  std::map<const char*, std::unique_ptr<sqlite3_stmt, Close>> statements_;
  std::optional<Durability> durability_;
  bool writing_ = false;
};

/// Rolled back unless committed. A reading one sees one moment throughout.
class Transaction {
 public:
  Transaction(Database& database, Mode mode);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  void commit();

 private:
  Database& database_;
};

}  // namespace shunt::store
