#include "vm/lexer.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "vm/digit.hpp"

namespace shunt::lua {

namespace {

constexpr std::array<std::string_view, 22> keywords = {
    "and", "break", "do",  "else", "elseif", "end",    "false",  "for",  "function", "goto",  "if",
    "in",  "local", "nil", "not",  "or",     "repeat", "return", "then", "true",     "until", "while"};

constexpr std::array<std::string_view, 10> long_symbols = {"...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};

bool begins_name(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}
bool continues_name(char byte) {
  return begins_name(byte) || is_digit(byte);
}

}  // namespace

void Lexer::take(std::size_t count) {
  count = std::min(count, rest_.size());
  line_ += static_cast<int>(std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count), '\n'));
  rest_.remove_prefix(count);
}

Token Lexer::token(Token::Kind kind, std::size_t size) {
  const Token result{kind, rest_.substr(0, size), line_};
  take(size);
  return result;
}

// "[", any number of "=", "[" at `at`.
bool Lexer::opens_bracket(std::size_t at, std::size_t& level) const {
  if (at >= rest_.size() || rest_[at] != '[') return false;
  const auto second = rest_.find_first_not_of('=', at + 1);
  if (second == std::string_view::npos || rest_[second] != '[') return false;
  level = second - at - 1;
  return true;
}

// Skips white space or one comment; false when there was neither.
bool Lexer::skip_blank() {
  const auto solid = rest_.find_first_not_of(" \t\r\n\f\v");
  if (solid != 0) {
    take(solid);
    return !rest_.empty();
  }
  if (!rest_.starts_with("--")) return false;
  std::size_t level = 0;
  if (opens_bracket(2, level)) {
    take(2);
    bracketed(level);
  } else {
    take(rest_.find('\n'));
  }
  return true;
}

Token Lexer::bracketed(std::size_t level) {
  const int line = line_;
  take(level + 2);
  const std::string closing = "]" + std::string(level, '=') + "]";
  const auto end = std::min(rest_.find(closing), rest_.size());
  const Token result{Token::Kind::string, rest_.substr(0, end), line};
  take(end + closing.size());
  return result;
}

Token Lexer::quoted() {
  const int line = line_;
  const char quote = rest_.front();
  std::size_t end = 1;
  while (end < rest_.size() && rest_[end] != quote) end += rest_[end] == '\\' ? 2 : 1;
  const Token result{Token::Kind::string, rest_.substr(1, std::min(end, rest_.size()) - 1), line};
  take(end + 1);
  return result;
}

Token Lexer::number() {
  const bool hexadecimal = rest_.starts_with("0x") || rest_.starts_with("0X");
  std::size_t end = 1;
  for (; end < rest_.size(); ++end) {
    const char byte = rest_[end];
    const char last = rest_[end - 1];
    const bool exponent = hexadecimal ? last == 'p' || last == 'P' : last == 'e' || last == 'E';
    if (!continues_name(byte) && byte != '.' && !(exponent && (byte == '+' || byte == '-'))) break;
  }
  return token(Token::Kind::number, end);
}

Token Lexer::symbol() {
  for (const auto symbol : long_symbols)
    if (rest_.starts_with(symbol)) return token(Token::Kind::symbol, symbol.size());
  return token(Token::Kind::symbol, 1);
}

Token Lexer::next() {
  while (skip_blank()) {
  }
  if (rest_.empty()) return {Token::Kind::end, "", line_};
  const char first = rest_.front();
  if (begins_name(first)) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), continues_name);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    const bool keyword = std::find(keywords.begin(), keywords.end(), rest_.substr(0, size)) != keywords.end();
    return token(keyword ? Token::Kind::keyword : Token::Kind::name, size);
  }
  if (is_digit(first) || (first == '.' && rest_.size() > 1 && is_digit(rest_[1]))) return number();
  if (first == '"' || first == '\'') return quoted();
  std::size_t level = 0;
  if (opens_bracket(0, level)) return bracketed(level);
  return symbol();
}

}  // namespace shunt::lua
