// What lies in the store's tables: encoded values, rows, and the chain of entries. An input is one encoded value; where
// it is a list of lists, each of these is a row that somebody has written into the journal.
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "fuzz/target.hpp"
#include "spec/deployment.hpp"
#include "store/journal.hpp"
#include "store/sql.hpp"

namespace shunt::fuzz {

namespace {

using namespace store;  // NOLINT(google-build-using-namespace): it is what is tried here

constexpr const char* run = "r1";
constexpr std::size_t columns_of_an_entry = 11;
constexpr std::size_t most_columns = 32;

Cell cell_of(const Value& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_binary()) return Bytes{std::string(value.get_binary().begin(), value.get_binary().end())};
  return Bytes{encode(value)};
}

std::vector<Row> rows_in(const Value& value) {
  std::vector<Row> rows;
  if (!value.is_array()) return rows;
  for (const auto& one : value) {
    if (!one.is_array()) continue;
    Row row;
    for (const auto& cell : one) row.push_back(cell_of(cell));
    row.resize(std::min(row.size(), most_columns), Cell(std::int64_t{0}));
    rows.push_back(std::move(row));
  }
  return rows;
}

template <typename Item>
void try_row(Row row) {
  row.resize(most_columns, Cell(std::int64_t{0}));
  try {
    const auto item = from_row<Item>(row);
    const Row written = to_row(item);
    expect(digest_of("row", to_row(from_row<Item>(written))) == digest_of("row", written), "a row comes back the same");
  } catch (const std::invalid_argument&) {
    return;  // it says that it is damaged
  }
}

Database journal_of(const std::vector<Row>& rows) {
  Database database(":memory:", Mode::write);
  for (const char* table : sql::tables) database.execute(table);
  for (auto row : rows) {
    row.resize(columns_of_an_entry, Cell(std::int64_t{0}));
    try {
      add_entry(database, row);
    } catch (const Failure&) {
      continue;  // the tables take no such row
    }
  }
  return database;
}

// True when it is read, and is what was written.
bool is_sound(Database& database) {
  try {
    check_chain(database, run, Tail());
    read_entries(database, run);
    read_tail(database, run);
    return true;
  } catch (const Failure& failure) {
    expect(failure.error.code == "SH1802", "damage is called damage");
    return false;
  }
}

// The same values as this program writes them.
std::vector<Row> written(const Value& values) {
  std::vector<Row> rows;
  Tail tail;
  for (const auto& value : values.is_array() ? values : Value::array({values})) {
    Entry entry;
    entry.run = run;
    entry.kind = "result";
    entry.verb = value.is_string() ? value.get<std::string>() : "clock.now";
    entry.args = value;
    rows.push_back(chain(entry, tail));
  }
  return rows;
}

void change(Cell& cell) {
  if (auto* number = std::get_if<std::int64_t>(&cell)) *number += 1;
  if (auto* text = std::get_if<std::string>(&cell)) *text += " ";
  if (auto* bytes = std::get_if<Bytes>(&cell)) *bytes = Bytes{encode(Value(bytes->data))};
}

void expect_damage(const std::vector<Row>& rows) {
  auto bad = journal_of(rows);
  expect(!is_sound(bad), "a change is seen");
}

// One cell of the last entry is changed; or the whole first one, with a hash of its own that is right.
void try_chain(const Value& values) {
  const auto rows = written(values);
  auto good = journal_of(rows);
  expect(is_sound(good), "what was written is sound");
  if (rows.empty()) return;
  for (const std::size_t column : {2U, 3U, 4U, 5U, 6U, 8U, 9U, 10U}) {
    auto changed = rows;
    change(changed.back().at(column));
    expect_damage(changed);
  }
  if (rows.size() < 2) return;
  auto begun_anew = rows;
  begun_anew.front() = written("another first entry").front();
  expect_damage(begun_anew);
}

// The library converts such a float to an int without looking. Only what this program wrote gets there: the chain
// vouches for it.
bool has_huge_float(const Value& value) {
  if (value.is_number_float()) return !(std::abs(value.get<double>()) < std::numeric_limits<int>::max());
  return value.is_structured() && std::any_of(value.begin(), value.end(), has_huge_float);
}

void try_deployment(const Value& value) {
  if (has_huge_float(value)) return;
  try {
    const auto deployment = deployment_from(value);
    expect(encode(to_value(deployment_from(to_value(deployment)))) == encode(to_value(deployment)),
           "a deployment is kept as it is");
  } catch (const Value::exception&) {
    return;  // it says that it is none
  }
}

}  // namespace

void take(std::string_view input) {
  Value value;
  try {
    value = decode(input);
  } catch (const std::invalid_argument&) {
    return;
  }
  const auto canonical = encode(value);
  expect(encode(decode(canonical)) == canonical, "equal values have equal bytes");
  to_text(value);
  try_deployment(value);
  const auto rows = rows_in(value);
  for (const auto& row : rows) {
    try_row<Entry>(row);
    try_row<Run>(row);
    try_row<Release>(row);
    try_row<AppState>(row);
    try_row<Message>(row);
  }
  auto database = journal_of(rows);
  is_sound(database);
  try_chain(value);
}

}  // namespace shunt::fuzz
