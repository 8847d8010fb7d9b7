#include "vm/pattern.hpp"

#include <cstring>

#include "vm/digit.hpp"

namespace shunt::lua {

namespace {

bool is_letter(unsigned char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
bool is_visible(unsigned char byte) {
  return byte > ' ' && byte < 0x7F;
}

bool is_hexadecimal(unsigned char byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

unsigned char lowered(unsigned char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<unsigned char>(byte - 'A' + 'a') : byte;
}

// Whether `byte` belongs to the class %`letter`; a letter without a class stands for itself, a capital one for the
// opposite. The classes are those of ASCII, whatever the locale.
bool in_class(unsigned char byte, unsigned char letter) {
  bool inside = false;
  switch (lowered(letter)) {
    case 'a':
      inside = is_letter(byte);
      break;
    case 'c':
      inside = byte < ' ' || byte == 0x7F;
      break;
    case 'd':
      inside = is_digit(byte);
      break;
    case 'g':
      inside = is_visible(byte);
      break;
    case 'l':
      inside = byte >= 'a' && byte <= 'z';
      break;
    case 'p':
      inside = is_visible(byte) && !is_letter(byte) && !is_digit(byte);
      break;
    case 's':
      inside = byte == ' ' || (byte >= '\t' && byte <= '\r');
      break;
    case 'u':
      inside = byte >= 'A' && byte <= 'Z';
      break;
    case 'w':
      inside = is_letter(byte) || is_digit(byte);
      break;
    case 'x':
      inside = is_hexadecimal(byte);
      break;
    case 'z':
      inside = byte == '\0';
      break;
    default:
      return letter == byte;
  }
  return letter == lowered(letter) ? inside : !inside;
}

}  // namespace

bool Pattern::settle() {
  if (exhausted_) return false;
  exhausted_ = budget_.spend(steps_) != Doom::none;
  steps_ = 0;
  return !exhausted_;
}

bool Pattern::step() {
  if (++steps_ < quantum) return !exhausted_;
  return settle();
}

std::size_t Pattern::wrong(const char* problem) {
  if (problem_ == nullptr) problem_ = problem;
  return none;
}

Pattern::Result Pattern::match_at(std::size_t begin) {
  open_ = 0;
  begin_ = begin;
  end_ = run(begin, 0);
  if (problem_ != nullptr) return Result::malformed;
  if (exhausted_) return Result::exhausted;
  if (end_ == none) return Result::no_match;
  for (int i = 0; i < open_; ++i) {
    if (captures_[static_cast<std::size_t>(i)].size != unclosed) continue;
    problem_ = "it has a ( without a )";
    return Result::malformed;
  }
  return Result::match;
}

Pattern::Result Pattern::find_from(std::size_t begin, bool anchored) {
  for (;; ++begin) {
    const Result result = match_at(begin);
    if (result != Result::no_match || anchored || begin >= subject_.size()) return result;
    if (!step()) return Result::exhausted;
  }
}

std::size_t Pattern::run(std::size_t at, std::size_t item) {
  if (depth_ == deepest) return wrong("it is too complicated");
  ++depth_;
  const std::size_t end = run_inside(at, item);
  --depth_;
  return end;
}

// Goes along the pattern as far as there is only one way, and recurses where there are several.
std::size_t Pattern::run_inside(std::size_t at, std::size_t item) {
  while (item < pattern_.size()) {
    if (!step()) return none;
    const char first = pattern_[item];
    const char second = item + 1 < pattern_.size() ? pattern_[item + 1] : '\0';
    if (first == '(') return open(at, item);
    if (first == ')') return close(at, item);
    if (first == '$' && item + 1 == pattern_.size()) return at == subject_.size() ? at : none;
    if (first == '%' && second == 'b') {
      at = balanced(at, item);
      if (at == none) return none;
      item += 4;
      continue;
    }
    if (first == '%' && second == 'f') {
      const std::size_t set = item + 2;
      if (set >= pattern_.size() || pattern_[set] != '[') return wrong("a set must follow %f");
      const std::size_t set_end = end_of_item(set);
      if (set_end == none || !frontier(at, set, set_end)) return none;
      item = set_end;
      continue;
    }
    if (first == '%' && is_digit(static_cast<unsigned char>(second))) {
      at = repeated(at, item);
      if (at == none) return none;
      item += 2;
      continue;
    }
    const std::size_t item_end = end_of_item(item);
    if (item_end == none) return none;
    const char suffix = item_end < pattern_.size() ? pattern_[item_end] : '\0';
    if (suffix == '*') return greedy(at, item, item_end);
    if (suffix == '-') return lazy(at, item, item_end);
    const bool fits = one(at, item, item_end);
    if (suffix == '+') return fits ? greedy(at + 1, item, item_end) : none;
    if (suffix == '?') {
      if (fits) {
        const std::size_t end = run(at + 1, item_end + 1);
        if (end != none || failed()) return end;
      }
      item = item_end + 1;
      continue;
    }
    if (!fits) return none;
    ++at;
    item = item_end;
  }
  return at;
}

std::size_t Pattern::open(std::size_t at, std::size_t item) {
  if (open_ >= most_captures) return wrong("it has more than 32 captures");
  const bool position = item + 1 < pattern_.size() && pattern_[item + 1] == ')';
  captures_[static_cast<std::size_t>(open_)] = Capture{at, position ? 0 : unclosed, position};
  ++open_;
  const std::size_t end = run(at, item + (position ? 2 : 1));
  if (end == none) --open_;
  return end;
}

std::size_t Pattern::close(std::size_t at, std::size_t item) {
  for (int i = open_ - 1; i >= 0; --i) {
    Capture& capture = captures_[static_cast<std::size_t>(i)];
    if (capture.size != unclosed) continue;
    capture.size = at - capture.begin;
    const std::size_t end = run(at, item + 1);
    if (end == none) capture.size = unclosed;
    return end;
  }
  return wrong("it has a ) without a (");
}

std::size_t Pattern::greedy(std::size_t at, std::size_t item, std::size_t item_end) {
  std::size_t count = 0;
  while (one(at + count, item, item_end)) {
    if (!step()) return none;
    ++count;
  }
  for (;; --count) {
    const std::size_t end = run(at + count, item_end + 1);
    if (end != none || failed() || count == 0) return end;
    if (!step()) return none;
  }
}

std::size_t Pattern::lazy(std::size_t at, std::size_t item, std::size_t item_end) {
  for (;; ++at) {
    const std::size_t end = run(at, item_end + 1);
    if (end != none || failed()) return end;
    if (!one(at, item, item_end) || !step()) return none;
  }
}

std::size_t Pattern::balanced(std::size_t at, std::size_t item) {
  if (item + 3 >= pattern_.size()) return wrong("two characters must follow %b");
  const char opening = pattern_[item + 2];
  const char closing = pattern_[item + 3];
  if (at >= subject_.size() || subject_[at] != opening) return none;
  std::size_t depth = 1;
  for (std::size_t i = at + 1; i < subject_.size(); ++i) {
    if (!step()) return none;
    if (subject_[i] == closing) {
      if (--depth == 0) return i + 1;
    } else if (subject_[i] == opening) {
      ++depth;
    }
  }
  return none;
}

std::size_t Pattern::repeated(std::size_t at, std::size_t item) {
  const int index = pattern_[item + 1] - '1';
  if (index < 0 || index >= open_ || captures_[static_cast<std::size_t>(index)].size == unclosed)
    return wrong("it refers to a capture that it does not have");
  const Capture& capture = captures_[static_cast<std::size_t>(index)];
  steps_ += static_cast<std::int64_t>(capture.size / 16);
  if (subject_.size() - at < capture.size) return none;
  if (subject_.compare(at, capture.size, subject_, capture.begin, capture.size) != 0) return none;
  return at + capture.size;
}

bool Pattern::frontier(std::size_t at, std::size_t set, std::size_t set_end) {
  const auto byte_at = [this](std::size_t i) {
    return static_cast<unsigned char>(i < subject_.size() ? subject_[i] : '\0');
  };
  const unsigned char before = at == 0 ? static_cast<unsigned char>('\0') : byte_at(at - 1);
  return !in_set(before, set, set_end) && in_set(byte_at(at), set, set_end);
}

std::size_t Pattern::end_of_item(std::size_t item) {
  const char first = pattern_[item++];
  if (first == '%') {
    if (item == pattern_.size()) return wrong("it ends with %");
    return item + 1;
  }
  if (first != '[') return item;
  if (item < pattern_.size() && pattern_[item] == '^') ++item;
  // A ] that comes first stands for itself.
  for (bool inside = false;; inside = true) {
    if (item >= pattern_.size()) return wrong("it has a [ without a ]");
    const char byte = pattern_[item++];
    if (byte == ']' && inside) return item;
    if (byte == '%') ++item;
    ++steps_;
  }
}

bool Pattern::one(std::size_t at, std::size_t item, std::size_t item_end) {
  if (at >= subject_.size()) return false;
  const auto byte = static_cast<unsigned char>(subject_[at]);
  switch (pattern_[item]) {
    case '.':
      return true;
    case '%':
      return in_class(byte, static_cast<unsigned char>(pattern_[item + 1]));
    case '[':
      return in_set(byte, item, item_end);
    default:
      return pattern_[item] == subject_[at];
  }
}

// `set` stands at the [, `set_end` behind the ].
bool Pattern::in_set(unsigned char byte, std::size_t set, std::size_t set_end) {
  std::size_t at = set + 1;
  const std::size_t last = set_end - 1;
  const bool opposite = pattern_[at] == '^';
  if (opposite) ++at;
  for (; at < last; ++at) {
    ++steps_;
    const auto first = static_cast<unsigned char>(pattern_[at]);
    if (first == '%') {
      ++at;
      if (in_class(byte, static_cast<unsigned char>(pattern_[at]))) return !opposite;
    } else if (at + 2 < last && pattern_[at + 1] == '-') {
      at += 2;
      if (first <= byte && byte <= static_cast<unsigned char>(pattern_[at])) return !opposite;
    } else if (first == byte) {
      return !opposite;
    }
  }
  return opposite;
}

}  // namespace shunt::lua
