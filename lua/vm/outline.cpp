#include "vm/outline.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "shunt/schema.hpp"
#include "vm/lexer.hpp"

namespace shunt::lua {

namespace {

using Kind = Token::Kind;

constexpr std::array<std::string_view, 21> binary_operators = {
    "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", ">", "<=", ">=", "&", "|", "~", "<<", ">>", "and", "or"};
constexpr std::size_t most_near = 200;
constexpr std::size_t most_uses = 500;  ///< what a script can use is less, so that a wrong name is among them

constexpr std::array<std::string_view, 4> unary_operators = {"not", "-", "#", "~"};

bool is_one_of(const Token& token, const auto& texts) {
  return (token.kind == Kind::symbol || token.kind == Kind::keyword) &&
         std::find(texts.begin(), texts.end(), token.text) != texts.end();
}

/// A declared local name, with what it was given if that is a table constructor.
struct Local {
  std::string_view name;
  const Shape* shape = nullptr;
  bool deployment = false;  ///< a parameter called deploy, or the first one of a strategy's run
};

/// Follows the grammar of Lua 5.4 as far as scopes and table constructors need it.
class Reader {
 public:
  explicit Reader(std::string_view text) : lexer_(text) { advance(); }

  Outline run() {
    block();
    if (environment_replaced_) outline_.globals.clear();
    return std::move(outline_);
  }

 private:
  void advance() {
    token_ = std::exchange(ahead_, Token{});
    if (!has_ahead_) token_ = lexer_.next();
    has_ahead_ = false;
  }
  const Token& ahead() {
    if (!has_ahead_) ahead_ = lexer_.next();
    has_ahead_ = true;
    return ahead_;
  }
  bool take(std::string_view text) {
    if (!token_.is(text)) return false;
    advance();
    return true;
  }
  std::string_view take_name() {
    const auto name = token_.text;
    advance();
    return name;
  }

  void declare(std::string_view name, const Shape* shape = nullptr) {
    by_name_[name].push_back(locals_.size());
    locals_.push_back({name, shape});
  }
  void leave(std::size_t outer);
  const Local* find(std::string_view name) const;
  std::vector<std::string> names_in_reach() const;
  void use(const Token& name, std::string_view member, bool assigned);

  bool block_ends() const;
  void block();
  void scoped_block();
  void statement();
  void for_statement();
  void if_statement();
  void function_statement();
  void local_statement();
  void return_statement();
  void expression_statement();
  void function_body(bool method);

  const Shape* expression();
  std::vector<const Shape*> expressions();
  const Shape* simple();
  const Shape* suffixed(bool& assignable_name, Token& name);
  const Shape* primary(bool& plain_name, Token& name);
  const Shape* arguments();
  const Shape* table();
  void field(Shape& shape, int& position);

  Lexer lexer_;
  Token token_;
  Token ahead_;
  bool has_ahead_ = false;
  std::vector<Local> locals_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_name_;  ///< positions in locals_, innermost last
  int functions_ = 0;          ///< how many function bodies the current place lies in
  bool in_run_field_ = false;  ///< the function that follows is the value of `run =`
  bool environment_replaced_ = false;
  std::set<std::tuple<std::string_view, std::string_view, bool>> used_;  ///< globals
  Outline outline_;
};

// Forgets the locals that were declared since there were `outer`.
void Reader::leave(std::size_t outer) {
  for (; locals_.size() > outer; locals_.pop_back()) by_name_[locals_.back().name].pop_back();
}

const Local* Reader::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() || found->second.empty() ? nullptr : &locals_[found->second.back()];
}

// The innermost ones: what was meant is rarely far away.
std::vector<std::string> Reader::names_in_reach() const {
  std::vector<std::string> names;
  for (std::size_t i = locals_.size() - std::min(locals_.size(), most_near); i < locals_.size(); ++i)
    names.emplace_back(locals_[i].name);
  return names;
}

void Reader::use(const Token& name, std::string_view member, bool assigned) {
  if (name.text == "_ENV") {
    environment_replaced_ = environment_replaced_ || (assigned && find("_ENV") == nullptr);
    return;
  }
  if (find(name.text) != nullptr || find("_ENV") != nullptr) return;
  const bool is_new = used_.emplace(name.text, member, assigned).second;
  if (!is_new || used_.size() > most_uses) return;
  const bool can_be_misspelt = name.text.size() >= 3;
  outline_.globals.push_back({std::string(name.text), std::string(member), name.line, assigned,
                              can_be_misspelt ? nearest(name.text, names_in_reach()) : ""});
}

bool Reader::block_ends() const {
  static constexpr std::array<std::string_view, 4> ends = {"end", "else", "elseif", "until"};
  return token_.kind == Kind::end || is_one_of(token_, ends);
}

void Reader::block() {
  while (!block_ends()) statement();
}

void Reader::scoped_block() {
  const std::size_t outer = locals_.size();
  block();
  leave(outer);
}

void Reader::statement() {
  if (take(";") || take("break")) return;
  if (token_.is("return")) return return_statement();
  if (token_.is("if")) return if_statement();
  if (token_.is("for")) return for_statement();
  if (token_.is("function")) return function_statement();
  if (token_.is("local")) return local_statement();
  if (take("::")) {
    take_name();
    take("::");
  } else if (take("goto")) {
    take_name();
  } else if (take("do")) {
    scoped_block();
    take("end");
  } else if (take("while")) {
    expression();
    take("do");
    scoped_block();
    take("end");
  } else if (take("repeat")) {
    const std::size_t outer = locals_.size();
    block();
    take("until");
    expression();
    leave(outer);
  } else {
    expression_statement();
  }
}

void Reader::if_statement() {
  do {
    advance();
    expression();
    take("then");
    scoped_block();
  } while (token_.is("elseif"));
  if (take("else")) scoped_block();
  take("end");
}

void Reader::for_statement() {
  advance();
  std::vector<std::string_view> names;
  do {
    names.push_back(take_name());
  } while (take(","));
  advance();  // "=" or "in"
  expressions();
  take("do");
  const std::size_t outer = locals_.size();
  for (const auto name : names) declare(name);
  block();
  leave(outer);
  take("end");
}

void Reader::function_statement() {
  advance();
  const Token name = token_;
  advance();
  bool method = false;
  const bool plain = !token_.is(".") && !token_.is(":");
  while (token_.is(".") || token_.is(":")) {
    method = token_.is(":");
    advance();
    take_name();
  }
  use(name, "", plain);
  function_body(method);
}

void Reader::local_statement() {
  advance();
  if (take("function")) {
    declare(take_name());
    function_body(false);
    return;
  }
  std::vector<std::string_view> names;
  do {
    names.push_back(take_name());
    if (take("<")) {
      take_name();
      take(">");
    }
  } while (take(","));
  std::vector<const Shape*> shapes;
  if (take("=")) shapes = expressions();
  for (std::size_t i = 0; i < names.size(); ++i) declare(names[i], i < shapes.size() ? shapes[i] : nullptr);
}

void Reader::return_statement() {
  const int line = token_.line;
  advance();
  const Shape* shape = nullptr;
  if (!block_ends() && !token_.is(";")) shape = expressions().front();
  take(";");
  if (functions_ > 0) return;
  outline_.returned = shape;
  outline_.return_line = line;
}

void Reader::expression_statement() {
  std::vector<std::pair<bool, Token>> targets;
  do {
    bool plain = false;
    Token name;
    suffixed(plain, name);
    targets.emplace_back(plain, name);
  } while (take(","));
  const bool assigns = take("=");
  if (assigns) expressions();
  for (const auto& [plain, name] : targets)
    if (plain) use(name, "", assigns);
}

void Reader::function_body(bool method) {
  const std::size_t outer = locals_.size();
  bool is_deployment = std::exchange(in_run_field_, false);
  ++functions_;
  if (method) declare("self");
  take("(");
  while (!token_.is(")") && token_.kind != Kind::end) {
    if (token_.kind == Kind::name) {
      declare(token_.text);
      locals_.back().deployment = std::exchange(is_deployment, false) || token_.text == "deploy";
    }
    advance();
  }
  take(")");
  block();
  take("end");
  --functions_;
  leave(outer);
}

std::vector<const Shape*> Reader::expressions() {
  std::vector<const Shape*> shapes;
  do {
    shapes.push_back(expression());
  } while (take(","));
  return shapes;
}

const Shape* Reader::expression() {
  const Shape* shape = nullptr;
  bool alone = true;
  while (true) {
    while (is_one_of(token_, unary_operators)) {
      advance();
      alone = false;
    }
    shape = simple();
    if (!is_one_of(token_, binary_operators)) break;
    advance();
    alone = false;
  }
  return alone ? shape : nullptr;
}

const Shape* Reader::simple() {
  if (token_.is("{")) return table();
  if (take("function")) {
    function_body(false);
    return nullptr;
  }
  if (token_.kind == Kind::name || token_.is("(")) {
    bool plain = false;
    Token name;
    const Shape* shape = suffixed(plain, name);
    if (plain) use(name, "", false);
    return shape;
  }
  advance();  // a number, a string, nil, true, false or ...
  return nullptr;
}

const Shape* Reader::primary(bool& plain_name, Token& name) {
  plain_name = token_.kind == Kind::name;
  name = token_;
  if (plain_name) {
    advance();
    const Local* local = find(name.text);
    return local == nullptr ? nullptr : local->shape;
  }
  const Shape* inside = nullptr;
  if (take("(")) {
    inside = expression();
    take(")");
  } else {
    advance();  // nothing that a text which Lua accepted can have here
  }
  return inside;
}

// Reads `a.b[c]:d(e)`. `plain_name` says that it was nothing but a name, whose use the caller then records.
const Shape* Reader::suffixed(bool& plain_name, Token& name) {
  const Shape* shape = primary(plain_name, name);
  const bool global_include = plain_name && name.text == "include" && find("include") == nullptr;
  bool first = true;
  const auto suffix = [&](std::string_view member) {
    if (plain_name) use(name, member, false);
    plain_name = false;
    shape = nullptr;
    first = false;
  };
  while (true) {
    if (take(".")) {
      suffix(first ? token_.text : "");
      take_name();
    } else if (take("[")) {
      suffix("");
      expression();
      take("]");
    } else if (take(":")) {
      const Local* receiver = plain_name ? find(name.text) : nullptr;
      if (receiver != nullptr && receiver->deployment)
        outline_.deploy_calls.push_back({"deploy", std::string(token_.text), token_.line, false, ""});
      suffix("");
      take_name();
      arguments();
    } else if (token_.is("(") || token_.is("{") || token_.kind == Kind::string) {
      const bool includes = first && global_include;
      suffix("");
      const Shape* file = arguments();
      if (includes) shape = file;
    } else {
      return shape;
    }
  }
}

// For a single string argument gives the shape of what `include` makes of it.
const Shape* Reader::arguments() {
  const bool bracket = take("(");
  const Token only = token_;
  if (!bracket) {
    if (token_.is("{")) {
      table();
    } else {
      advance();
    }
  } else {
    if (!token_.is(")")) expressions();
    take(")");
  }
  if (only.kind != Kind::string) return nullptr;
  Shape& shape = outline_.shapes.emplace_back();
  shape.included = std::string(only.text);
  return &shape;
}

const Shape* Reader::table() {
  advance();
  Shape& shape = outline_.shapes.emplace_back();
  int position = 0;
  while (!token_.is("}") && token_.kind != Kind::end) {
    field(shape, position);
    if (!take(",")) take(";");
  }
  take("}");
  return &shape;
}

void Reader::field(Shape& shape, int& position) {
  const int line = token_.line;
  std::string key;
  if (token_.kind == Kind::name && ahead().is("=")) {
    key = std::string(take_name());
    advance();
  } else if (take("[")) {
    if (token_.kind == Kind::string && ahead().is("]")) key = std::string(token_.text);
    expression();
    take("]");
    take("=");
  } else {
    key = "[" + std::to_string(++position) + "]";
  }
  in_run_field_ = key == "run" && functions_ == 0 && token_.is("function");
  const Shape* inside = expression();
  if (!key.empty()) shape.fields[key] = Shape::Field{line, inside};
}

}  // namespace

Outline outline_of(std::string_view text) {
  return Reader(text).run();
}

}  // namespace shunt::lua
