#include "store/journal.hpp"

#include <fmt/format.h>

#include "config/planted.hpp"
#include "store/documents.hpp"

namespace shunt::store {

namespace {

constexpr std::size_t seq_column = 1;
constexpr std::size_t hash_column = 10;

std::string linked(Row fields, const std::string& before) {
  fields.emplace_back(before);
  return digest_of("entry", fields);
}

Failure damaged_entry(const Database& database, const std::string& run, std::int64_t seq, std::string_view what) {
  Failure failure = damaged(database, fmt::format("entry {} of run {} {}", seq, run, what));
  failure.error.evidence = {{"run", run}, {"seq", seq}};
  return failure;
}

Failure lost(const Database& database, const std::string& what) {
  Failure failure = damaged(database, what);
  failure.error.remedy =
      fmt::format("Look at what serves now; removing {} accepts what is left, `shunt repair` then goes on",
                  (database.file().parent_path() / "head").string());
  return failure;
}

}  // namespace

Row chain(Entry& entry, Tail& tail) {
  entry.seq = tail.seq + 1;
  Row row = to_row(entry);
  entry.hash = linked(row, tail.hash);
  row.emplace_back(entry.hash);
  tail = {entry.seq, entry.hash};
  return row;
}

void add_entry(Database& database, const Row& row) {
  auto statement = database.prepare(sql::add_entry);
  for (const auto& cell : row) statement.bind(cell);
  statement.step();
}

Tail read_tail(Database& database, const std::string& run) {
  const Cell key = run;
  auto statement = database.prepare(sql::get_tail);
  statement.bind(key);
  Tail tail;
  if (!statement.step()) return tail;
  try {
    from_cell(statement.cell(0), tail.seq);
    from_cell(statement.cell(1), tail.hash);
  } catch (const std::invalid_argument& reason) {
    throw damaged(database, fmt::format("the last entry of run {}: {}", run, reason.what()));
  }
  return tail;
}

std::vector<Entry> read_entries(Database& database, const std::string& run) {
  const Cell key = run;
  auto statement = database.prepare(sql::get_entries);
  statement.bind(key);
  std::vector<Entry> entries;
  for (std::int64_t seq = 1; statement.step(); ++seq) {
    const Row row = statement.row();
    if (!holds(row.at(seq_column), seq)) throw damaged_entry(database, run, seq, "is missing");
    try {
      entries.push_back(from_row<Entry>(row));
      from_cell(row.at(hash_column), entries.back().hash);
    } catch (const std::invalid_argument& reason) {
      throw damaged_entry(database, run, seq, fmt::format("cannot be read: {}", reason.what()));
    }
  }
  return entries;
}

void check_chain(Database& database, const std::string& run, const Tail& least) {
  const Cell key = run;
  auto statement = database.prepare(sql::get_entries);
  statement.bind(key);
  Tail tail;
  while (statement.step()) {
    Row row = statement.row();
    const std::int64_t seq = tail.seq + 1;
    if (!holds(row.at(seq_column), seq)) throw damaged_entry(database, run, seq, "is missing");
    const Cell written = std::move(row.back());
    row.pop_back();
    std::string hash = linked(std::move(row), tail.hash);
    const bool other_than_noted = seq == least.seq && hash != least.hash;
    if ((!holds(written, hash) || other_than_noted) && !is_planted("chain not checked"))
      throw damaged_entry(database, run, seq, "is not what was written");
    tail = {seq, std::move(hash)};
  }
  if (tail.seq < least.seq)
    throw damaged_entry(database, run, tail.seq + 1, fmt::format("and all up to {} are lost", least.seq));
}

void check_head(Database& database, const std::optional<Head>& head) {
  if (!head || is_planted("lost tail not noticed")) return;
  if (head->seq > 0) {
    const Cell run = head->run;
    const Cell seq = head->seq;
    auto statement = database.prepare(sql::get_hash);
    statement.bind(run).bind(seq);
    const bool found = statement.step();
    if (!found || !holds(statement.cell(0), head->hash)) {
      Failure failure = lost(database, fmt::format("entry {} of run {}, which the head file names as the last, is {}",
                                                   head->seq, head->run, found ? "another one" : "lost"));
      failure.error.evidence = {{"run", head->run}, {"seq", head->seq}};
      throw failure;
    }
  }
  if (read_totals(database).changes < head->changes)
    throw lost(database, "records that were written after the last entry are lost");
}

}  // namespace shunt::store
