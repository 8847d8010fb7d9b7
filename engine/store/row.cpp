#include "store/row.hpp"

#include <limits>
#include <stdexcept>

namespace shunt::store {

namespace {

template <typename Kind>
const Kind& held(const Cell& cell) {
  const auto* found = std::get_if<Kind>(&cell);
  if (found == nullptr) throw std::invalid_argument("a column holds another type than it was given");
  return *found;
}

void add_number(std::string& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 0xff);
}

void add_framed(std::string& bytes, char type, std::string_view content) {
  bytes += type;
  add_number(bytes, content.size());
  bytes += content;
}

}  // namespace

Cell to_cell(const std::string& text) {
  return text;
}
Cell to_cell(std::int64_t number) {
  return number;
}
Cell to_cell(const Value& value) {
  return Bytes{encode(value)};
}
Cell to_cell(const std::optional<Colour>& colour) {
  return colour ? text_of(*colour) : std::string();
}

void from_cell(const Cell& cell, std::string& text) {
  text = held<std::string>(cell);
}
void from_cell(const Cell& cell, std::int64_t& number) {
  number = held<std::int64_t>(cell);
}

void from_cell(const Cell& cell, int& number) {
  const auto wide = held<std::int64_t>(cell);
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
    throw std::invalid_argument("a column holds a larger number than it was given");
  number = static_cast<int>(wide);
}

void from_cell(const Cell& cell, bool& flag) {
  flag = held<std::int64_t>(cell) != 0;
}
void from_cell(const Cell& cell, Value& value) {
  value = decode(held<Bytes>(cell).data);
}

void from_cell(const Cell& cell, std::optional<Colour>& colour) {
  const auto& name = held<std::string>(cell);
  colour = colour_named(name);
  if (!colour && !name.empty()) throw std::invalid_argument("a column holds no color");
}

std::string digest_of(std::string_view name, const Row& row) {
  std::string bytes;
  add_framed(bytes, 't', name);
  for (const auto& cell : row) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      bytes += 'i';
      add_number(bytes, static_cast<std::uint64_t>(*number));
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
      add_framed(bytes, 't', *text);
    } else {
      add_framed(bytes, 'b', std::get<Bytes>(cell).data);
    }
  }
  return sha256(bytes);
}

}  // namespace shunt::store
