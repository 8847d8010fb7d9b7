// What the tables hold, column by column: the one place that knows in which order a struct's fields are stored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "store/store.hpp"

namespace shunt::store {

/// A BLOB.
struct Bytes {
  std::string data;
};

using Cell = std::variant<std::int64_t, std::string, Bytes>;
using Row = std::vector<Cell>;

/// Whether the cell holds this number or text.
template <typename Item>
bool holds(const Cell& cell, const Item& item) {
  const auto* held = std::get_if<Item>(&cell);
  return held != nullptr && *held == item;
}

/// The fields that become columns, in order: all but what the store sets itself.
inline auto fields_of(auto& item) {
  using Item = std::remove_cvref_t<decltype(item)>;
  if constexpr (std::is_same_v<Item, Entry>)
    return std::tie(item.run, item.seq, item.branch, item.index, item.kind, item.verb, item.args, item.body, item.epoch,
                    item.time);
  else if constexpr (std::is_same_v<Item, Run>)
    return std::tie(item.id, item.verb, item.strategy, item.version, item.reason, item.by, item.state, item.release,
                    item.boot_id, item.bundle_sha, item.engine_abi, item.epoch, item.started, item.ended, item.exit,
                    item.inputs, item.report);
  else if constexpr (std::is_same_v<Item, Release>)
    return std::tie(item.id, item.version, item.run, item.ended, item.rolled_back_from, item.adopted, item.app_sha,
                    item.bundle_sha, item.created, item.services);
  else if constexpr (std::is_same_v<Item, AppState>)
    return std::tie(item.live, item.colors, item.shares, item.targets);
  else if constexpr (std::is_same_v<Item, Notice>)
    return std::tie(item.id, item.run, item.event, item.channel, item.config, item.payload, item.state, item.attempts,
                    item.created, item.due, item.error);
  else
    return std::tie(item.run, item.question, item.verb, item.by, item.reason, item.time, item.taken);
}

Cell to_cell(const std::string& text);
Cell to_cell(std::int64_t number);
Cell to_cell(const Value& value);
Cell to_cell(const std::optional<Colour>& colour);

/// Each throws std::invalid_argument when the cell does not hold such a thing.
void from_cell(const Cell& cell, std::string& text);
void from_cell(const Cell& cell, std::int64_t& number);
void from_cell(const Cell& cell, int& number);
void from_cell(const Cell& cell, bool& flag);
void from_cell(const Cell& cell, Value& value);
void from_cell(const Cell& cell, std::optional<Colour>& colour);

template <typename Item>
Row to_row(const Item& item) {
  return std::apply([](const auto&... field) { return Row{to_cell(field)...}; }, fields_of(item));
}

/// Reads the fields from the first cells of `row`. Throws std::invalid_argument.
template <typename Item>
Item from_row(const Row& row) {
  Item item;
  std::size_t column = 0;
  std::apply([&](auto&... field) { (from_cell(row.at(column++), field), ...); }, fields_of(item));
  return item;
}

/// SHA-256, in hexadecimal, of canonical bytes: of the name and of each cell in turn, its type (i number, t text, b
/// BLOB) and then the number, or the length and the content; numbers and lengths in 8 bytes, the highest first. A text
/// and a BLOB of the same bytes differ, as they do for SQLite.
std::string digest_of(std::string_view name, const Row& row);

}  // namespace shunt::store
