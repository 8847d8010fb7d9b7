#include "store/documents.hpp"

#include <fmt/format.h>

namespace shunt::store {

namespace {

constexpr std::size_t digest_size = 64;

// XOR of two hexadecimal digests: it does not depend on the order in which rows are added, replaced and removed.
std::string combined(const std::string& one, const std::string& two) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result(digest_size, '0');
  for (std::size_t i = 0; i < digest_size; ++i) {
    const auto a = i < one.size() ? digits.find(one[i]) : 0;
    const auto b = i < two.size() ? digits.find(two[i]) : 0;
    result[i] = digits[(a ^ b) & 0xf];
  }
  return result;
}

std::string sum_of(std::string_view table, std::int64_t number, const Row& row) {
  Row all = {number};
  all.insert(all.end(), row.begin(), row.end());
  return digest_of(table, all);
}

Document checked(const Database& database, std::string_view table, Row all) {
  Document document;
  const auto* number = std::get_if<std::int64_t>(&all.at(0));
  const auto* sum = std::get_if<std::string>(&all.at(1));
  const std::string what = fmt::format("a row of \"{}\" is not what was written", table);
  if (number == nullptr || sum == nullptr) throw damaged(database, what);
  document.number = *number;
  document.sum = *sum;
  document.row.assign(std::make_move_iterator(all.begin() + 2), std::make_move_iterator(all.end()));
  if (sum_of(table, document.number, document.row) != document.sum) throw damaged(database, what);
  return document;
}

Row cells_of(const Totals& totals) {
  return {totals.epoch, totals.changes, totals.digest};
}

}  // namespace

Failure damaged(const Database& database, const std::string& what) {
  return Failure(
      Error("SH1802", Kind::adapter,
            fmt::format("the store in {} is damaged: {}", database.file().parent_path().string(), what),
            "Look at what serves now, and put the folder back from a copy; `shunt explain SH1802` says more"));
}

Totals read_totals(Database& database) {
  auto statement = database.prepare(sql::get_totals);
  if (!statement.step()) throw damaged(database, "its row of totals is missing");
  const Document document = checked(database, "store", statement.row());
  Totals totals;
  try {
    from_cell(document.row.at(0), totals.epoch);
    from_cell(document.row.at(1), totals.changes);
    from_cell(document.row.at(2), totals.digest);
  } catch (const std::invalid_argument& reason) {
    throw damaged(database, reason.what());
  }
  return totals;
}

Totals first_totals() {
  Totals totals;
  totals.digest = std::string(digest_size, '0');
  return totals;
}

void write_totals(Database& database, const Totals& totals) {
  const Row row = cells_of(totals);
  const Cell sum = sum_of("store", 1, row);
  auto statement = database.prepare(sql::put_totals);
  statement.bind(sum);
  for (const auto& cell : row) statement.bind(cell);
  statement.step();
}

std::optional<Document> find(Database& database, const sql::Documents& table, const Cell& key) {
  auto statement = database.prepare(table.find);
  statement.bind(key);
  if (!statement.step()) return std::nullopt;
  return checked(database, table.table, statement.row());
}

std::vector<Document> select(Database& database, const sql::Documents& table, const char* sql, const Cell& parameter) {
  std::vector<Document> documents;
  auto statement = database.prepare(sql);
  statement.bind(parameter);
  while (statement.step()) documents.push_back(checked(database, table.table, statement.row()));
  return documents;
}

std::vector<Document> list(Database& database, const sql::Documents& table, int limit) {
  return select(database, table, table.list, Cell(std::int64_t{limit}));
}

std::int64_t put(Database& database, const sql::Documents& table, Totals& totals, const std::optional<Document>& before,
                 const Row& row) {
  const Cell number = before ? Cell(before->number) : database.ask(table.next).value();
  const Cell sum = sum_of(table.table, std::get<std::int64_t>(number), row);
  auto statement = database.prepare(table.put);
  statement.bind(number).bind(sum);
  for (const auto& cell : row) statement.bind(cell);
  statement.step();
  if (before) totals.digest = combined(totals.digest, before->sum);
  totals.digest = combined(totals.digest, std::get<std::string>(sum));
  return std::get<std::int64_t>(number);
}

void check_documents(Database& database) {
  std::string digest(digest_size, '0');
  for (const auto* table : {&sql::runs, &sql::releases, &sql::app, &sql::inbox, &sql::notices}) {
    auto statement = database.prepare(table->list);
    const Cell everything = std::int64_t{-1};
    statement.bind(everything);
    while (statement.step()) digest = combined(digest, checked(database, table->table, statement.row()).sum);
  }
  if (digest != read_totals(database).digest) throw damaged(database, "rows are missing or left over");
}

}  // namespace shunt::store
