// The tokens of a Lua text.
#pragma once

#include <string_view>

namespace shunt::lua {

struct Token {
  enum class Kind { name, keyword, string, number, symbol, end };

  Kind kind = Kind::end;
  std::string_view text;  ///< as written; a string without its quotes, escapes left as they are
  int line = 0;           ///< where it begins

  bool is(std::string_view wanted) const { return (kind == Kind::keyword || kind == Kind::symbol) && text == wanted; }
};

/// Splits a text that Lua has accepted: it reports no errors, and ends at whatever it does not understand.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Token next();

 private:
  bool skip_blank();
  void take(std::size_t count);
  Token token(Token::Kind kind, std::size_t size);
  Token quoted();
  Token bracketed(std::size_t level);
  bool opens_bracket(std::size_t at, std::size_t& level) const;
  Token number();
  Token symbol();

  std::string_view rest_;
  int line_ = 1;
};

}  // namespace shunt::lua
