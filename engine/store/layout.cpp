#include "store/layout.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <cerrno>
#include <system_error>

#include "store/documents.hpp"
#include "store/head.hpp"
#include "store/private_file.hpp"

namespace shunt::store {

namespace {

constexpr const char* file_name = "state.db";

Failure unreadable(const std::filesystem::path& file, const std::string& reason) {
  return Failure(Error("SH1801", Kind::adapter, fmt::format("{} could not be opened: {}", file.string(), reason),
                       "Check the path, its owner and the disk; a damaged one must come back from a copy"));
}

Failure lost_store(const std::filesystem::path& file) {
  return unreadable(file, "it is missing or empty, but the head file beside it says that there was a store");
}

Failure nothing_stored(const std::filesystem::path& folder) {
  return Failure(Error("SH1805", Kind::config, fmt::format("nothing is stored in {}", folder.string()),
                       "Deploy first, or name the right state folder with --state"));
}

bool has_bytes(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0) return info.st_size > 0;
  if (errno != ENOENT && errno != ENOTDIR) throw unreadable(file, std::generic_category().message(errno));
  return false;
}

int layout_of(Database& database) {
  return static_cast<int>(std::get<std::int64_t>(database.ask(sql::get_layout).value()));
}

void fill(Database& database) {
  if (!holds(database.ask(sql::use_wal).value(), std::string("wal")))
    throw unreadable(database.file(), "its file system does not support SQLite's write-ahead log");
  {
    Transaction transaction(database, Mode::write);
    for (const char* table : sql::tables) database.execute(table);
    write_totals(database, first_totals());
    database.execute(sql::set_layout);
    transaction.commit();
  }
  database.prepare(sql::checkpoint).step();
}

// The change to the log's mode cannot be made beside other openers: they take turns.
void create(const std::filesystem::path& folder) {
  make_private_folder(folder);
  const FolderLock turn(folder);
  const auto file = folder / file_name;
  make_private_file(file);
  Database database(file, Mode::write);
  if (layout_of(database) != 0 || database.ask(sql::get_tables)) return;
  fill(database);
  sync_folder(folder);
}

void check_tables(Database& database, int layout) {
  const std::size_t expected = sql::tables_of_layout.at(static_cast<std::size_t>(layout - 1));
  auto statement = database.prepare(sql::get_tables);
  std::size_t seen = 0;
  bool same = true;
  while (statement.step() && same) {
    same = seen < expected && holds(statement.cell(0), std::string(sql::tables.at(seen)));
    ++seen;
  }
  if (!same || seen != expected)
    throw unreadable(database.file(), fmt::format("its tables are not those of a store of layout {}", layout));
}

// What an older shunt made gets the tables that came later; nothing that is in it changes.
void raise_layout(Database& database) {
  Transaction transaction(database, Mode::write);
  const int layout = layout_of(database);
  for (auto i = sql::tables_of_layout.at(static_cast<std::size_t>(layout - 1)); i < sql::tables.size(); ++i)
    database.execute(sql::tables.at(i));
  database.execute(sql::set_layout);
  transaction.commit();
}

// For a reader, who changes nothing: the later tables are there, and empty.
void stand_in(Database& database, int layout) {
  constexpr std::string_view create = "CREATE ";
  for (auto i = sql::tables_of_layout.at(static_cast<std::size_t>(layout - 1)); i < sql::tables.size(); ++i)
    database.execute(std::string(create).append("TEMP ").append(sql::tables.at(i) + create.size()).c_str());
}

}  // namespace

std::filesystem::path prepare_file(const std::filesystem::path& folder, Mode mode) {
  const auto file = folder / file_name;
  const auto head = read_head(folder);  // first: while we look, another process may make the store and its head
  if (has_bytes(file)) {
    if (mode == Mode::write) make_private_file(file);
    return file;
  }
  if (head) throw lost_store(file);
  if (mode == Mode::read) throw nothing_stored(folder);
  create(folder);
  return file;
}

void check_layout(Database& database, Mode mode) {
  const auto folder = database.file().parent_path();
  const auto head = read_head(folder);
  if (layout_of(database) == 0 && !database.ask(sql::get_tables)) {
    if (head) throw lost_store(database.file());
    if (mode == Mode::read) throw nothing_stored(folder);
    create(folder);
  }
  const int layout = layout_of(database);
  if (layout > sql::layout)
    throw Failure(Error("SH1808", Kind::config,
                        fmt::format("{} has layout {}; this shunt knows layouts up to {}", database.file().string(),
                                    layout, sql::layout),
                        "Use the newer shunt that wrote it"));
  if (layout < 1) throw unreadable(database.file(), "it is not marked as a store");
  check_tables(database, layout);
  if (mode == Mode::write && !holds(database.ask(sql::get_mode).value(), std::string("wal")))
    throw unreadable(database.file(), "it is not in the mode that a store is made in");
  if (layout == sql::layout) return;
  if (mode == Mode::write) {
    raise_layout(database);
  } else {
    stand_in(database, layout);
  }
}

}  // namespace shunt::store
