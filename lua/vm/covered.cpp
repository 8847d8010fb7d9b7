#include "vm/covered.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

#include "vm/compiled.hpp"

namespace shunt::lua {

namespace {

constexpr std::size_t header_size =
    4 + 1 + 1 + 6 + 3 + 8 + 8;  ///< signature, version, format, data, sizes, two numbers
constexpr char version = 0x54;
constexpr int absolute = -128;  ///< in place of a difference: the line is in a list of its own

constexpr int float_constant = 0x13;
constexpr int integer_constant = 0x03;
constexpr int short_string = 0x04;
constexpr int long_string = 0x14;

/// Reads a function after the other, as Lua's ldump.c writes them. Reading past the end gives zeros, and ends.
class Dump {
 public:
  explicit Dump(std::string_view bytes) : bytes_(bytes) {}

  std::set<int> lines() {
    if (bytes_.size() <= header_size || bytes_[4] != version) return {};
    at_ = header_size + 1;  // how many upvalues the main function has
    read_function();
    return std::move(lines_);
  }

 private:
  int byte() { return at_ < bytes_.size() ? static_cast<unsigned char>(bytes_[at_++]) : 0; }

  // Seven bits a byte, the last one marked.
  std::size_t size() {
    std::size_t number = 0;
    for (int i = 0; i < 10 && at_ < bytes_.size(); ++i) {
      const int next = byte();
      number = number << 7U | static_cast<std::size_t>(next & 0x7f);
      if ((next & 0x80) != 0) break;
    }
    return number;
  }

  void skip(std::size_t count) { at_ = std::min(at_ + count, bytes_.size()); }

  void skip_string() {
    if (const auto length = size(); length > 0) skip(length - 1);
  }

  void skip_constants() {
    for (auto left = size(); left > 0 && at_ < bytes_.size(); --left) {
      const int type = byte();
      if (type == float_constant || type == integer_constant) skip(8);
      if (type == short_string || type == long_string) skip_string();
    }
  }

  void read_function() {
    skip_string();
    const auto first = static_cast<int>(size());
    size();  // last line
    byte();  // parameters
    const bool takes_more = byte() != 0;
    byte();  // stack
    const auto instructions = size();
    skip(instructions * 4);
    skip_constants();
    skip(size() * 3);  // upvalues
    for (auto left = size(); left > 0 && at_ < bytes_.size(); --left) read_function();
    read_lines(first, takes_more);
    for (auto left = size(); left > 0 && at_ < bytes_.size(); --left) {  // local variables
      skip_string();
      size();
      size();
    }
    for (auto left = size(); left > 0 && at_ < bytes_.size(); --left) skip_string();  // names of upvalues
  }

  // What sets up further arguments, and the last return, lie where a function begins and ends: nobody wrote them.
  void read_lines(int first, bool takes_more) {
    const auto said = size();
    const auto count = std::min(said, bytes_.size() - at_);
    const auto differences = bytes_.substr(at_, count);
    skip(count);
    std::map<std::size_t, int> absolutes;
    for (auto left = size(); left > 0 && at_ < bytes_.size(); --left) {
      const auto instruction = size();
      absolutes[instruction] = static_cast<int>(size());
    }
    int line = first;
    for (std::size_t i = 0; i < count; ++i) {
      const int byte = static_cast<unsigned char>(differences[i]);
      const int difference = byte < 128 ? byte : byte - 256;
      line = difference == absolute ? absolutes[i] : line + difference;
      const bool written = i + 1 < count && !(i == 0 && takes_more);
      if (written) lines_.insert(line);
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::set<int> lines_;
};

}  // namespace

std::set<int> lines_with_code(std::string_view bytecode) {
  return Dump(bytecode).lines();
}

void Covered::begin(lua_State* lua, const std::string& file) {
  if (coverage_->count(file) != 0) return;
  auto& lines = (*coverage_)[file];
  for (const int line : lines_with_code(dumped(lua))) lines[line];
}

void Covered::reach(lua_State* lua, lua_Debug* record) {
  if (lua_getinfo(lua, "S", record) == 0) return;
  auto& lines = lines_[record->source];
  if (lines == nullptr) {
    const auto file = record->source[0] == '@' ? coverage_->find(record->source + 1) : coverage_->end();
    lines = file == coverage_->end() ? nullptr : &file->second;
    if (lines == nullptr) return;
  }
  if (const auto line = lines->find(record->currentline); line != lines->end()) ++line->second;
}

}  // namespace shunt::lua
