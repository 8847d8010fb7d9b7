#include "adapters/runtime/docker/pattern.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace shunt::adapters::docker {

namespace {

constexpr char32_t bytes_begin = 0x110000;  ///< above Unicode: where bytes that are no UTF-8 are kept

/// How many bytes the sequence has that begins with `byte`; 0 when none does.
std::size_t length_of_sequence(unsigned char byte) {
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte < 0xe0) return 2;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}

/// The character at `at`, which is moved behind it.
char32_t take_character(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const auto length = length_of_sequence(first);
  char32_t character = length < 2 ? first : first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    if ((byte & 0xc0U) != 0x80U) return bytes_begin + static_cast<unsigned char>(text[at++]);
    character = (character << 6U) | (byte & 0x3fU);
  }
  at += std::max<std::size_t>(length, 1);
  return length == 0 ? bytes_begin + first : character;
}

bool has_wildcards(std::string_view text) {
  return text.find_first_of("*?[]\\") != std::string_view::npos;
}

/// One end of a range in a class: a character, or an escaped one. Nothing where it may not stand.
std::optional<char32_t> take_range_end(std::string_view text, std::size_t& at) {
  if (at < text.size() && (text[at] == '-' || text[at] == ']')) return std::nullopt;
  if (at < text.size() && text[at] == '\\') ++at;
  if (at >= text.size()) return std::nullopt;
  return take_character(text, at);
}

}  // namespace

std::string clean_pattern(std::string_view text) {
  const bool rooted = text.starts_with('/');
  std::vector<std::string_view> names;
  while (!text.empty()) {
    const auto name = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    const bool up = name == "..";
    if (up && !names.empty() && names.back() != "..") {
      names.pop_back();
    } else if (!name.empty() && name != "." && !(up && rooted)) {
      names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, "/"));
}

std::optional<Pattern> Pattern::compile(std::string_view text) {
  Pattern pattern;
  std::size_t at = 0;
  // Docker's shortcut for such a pattern asks for the end of the path, at whatever place in a name it begins.
  if (text.starts_with("**") && text.size() > 2 && text[2] != '/' && !has_wildcards(text.substr(2))) {
    pattern.parts_.emplace_back(Takes::everything);
    at = 2;
  }
  while (at < text.size()) {
    const char byte = text[at];
    if (byte == '*') {
      pattern.add_stars(text, at);
    } else if (byte == '?') {
      pattern.parts_.emplace_back(Takes::any);
      ++at;
    } else if (byte == '[') {
      if (!pattern.add_class(text, at)) return std::nullopt;
    } else {
      if (byte == '\\' && ++at == text.size()) return std::nullopt;
      pattern.parts_.emplace_back(Takes::one, take_character(text, at));
    }
  }
  return pattern;
}

Pattern Pattern::literal(std::string_view path) {
  Pattern pattern;
  for (std::size_t at = 0; at < path.size();) pattern.parts_.emplace_back(Takes::one, take_character(path, at));
  return pattern;
}

/// From "[" to behind "]".
bool Pattern::add_class(std::string_view text, std::size_t& at) {
  Part part(Takes::some);
  part.others = ++at < text.size() && text[at] == '^';
  if (part.others) ++at;
  do {
    const auto first = take_range_end(text, at);
    auto last = first;
    if (first && at < text.size() && text[at] == '-') last = take_range_end(text, ++at);
    if (!first || !last || *first > *last || at >= text.size()) return false;
    part.ranges.emplace_back(*first, *last);
  } while (text[at] != ']');
  ++at;
  parts_.push_back(std::move(part));
  return true;
}

/// From the first "*" to behind the last that belongs to it, and behind the slash of "**/".
void Pattern::add_stars(std::string_view text, std::size_t& at) {
  if (!text.substr(at).starts_with("**")) {
    parts_.emplace_back(Takes::run);
    ++at;
    return;
  }
  at += 2;
  if (at < text.size() && text[at] == '/') ++at;
  parts_.emplace_back(at == text.size() ? Takes::everything : Takes::folders);
}

bool Pattern::is_in(const Part& part, char32_t character) {
  const bool named = std::any_of(part.ranges.begin(), part.ranges.end(), [&](const auto& range) {
    return range.first <= character && character <= range.second;
  });
  return named != part.others;
}

/// Marks `part`, and what may come next because that may be nothing.
void Pattern::enter(std::size_t part, States& states) const {
  for (;; ++part) {
    states[part] = 1;
    if (part == parts_.size()) return;
    const auto takes = parts_[part].takes;
    if (takes != Takes::run && takes != Takes::folders && takes != Takes::everything) return;
  }
}

/// All that may come after `character`; false when nothing may.
bool Pattern::step(const States& from, char32_t character, States& to) const {
  std::fill(to.begin(), to.end(), 0);
  bool alive = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (from[i] == 0) continue;
    const auto& part = parts_[i];
    const bool slash = character == U'/';
    const bool advances = (part.takes == Takes::one && character == part.character) ||
                          (part.takes == Takes::any && !slash) || (part.takes == Takes::folders && slash) ||
                          (part.takes == Takes::some && is_in(part, character));
    const bool stays = part.takes == Takes::everything || (part.takes == Takes::run && !slash);
    if (advances) enter(i + 1, to);
    if (stays) enter(i, to);
    if (part.takes == Takes::folders) to[i] = 1;  // amid a name: what follows it comes after a slash only
    alive = alive || advances || stays || part.takes == Takes::folders;
  }
  return alive;
}

bool Pattern::matches(std::string_view path) const {
  States now(parts_.size() + 1);
  States next(parts_.size() + 1);
  enter(0, now);
  for (std::size_t at = 0; at < path.size(); now.swap(next))
    if (!step(now, take_character(path, at), next)) return false;
  return now.back() != 0;
}

bool Pattern::may_match_below(std::string_view folder) const {
  States now(parts_.size() + 1);
  States next(parts_.size() + 1);
  enter(0, now);
  for (std::size_t at = 0; at < folder.size(); now.swap(next))
    if (!step(now, take_character(folder, at), next)) return false;
  if (!step(now, U'/', next)) return false;
  return std::find(next.begin(), next.end() - 1, 1) != next.end() - 1;
}

}  // namespace shunt::adapters::docker
