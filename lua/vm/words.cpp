#include "vm/words.hpp"

#include <fmt/format.h>
#include <optional>

namespace shunt::lua {

namespace {

constexpr std::size_t longest_message = 1000;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Reads a message from its beginning, piece by piece.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  std::string take_until(std::string_view end) {
    const auto at = std::min(rest_.find(end), rest_.size());
    const std::string taken(rest_.substr(0, at));
    rest_.remove_prefix(std::min(at + end.size(), rest_.size()));
    return taken;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::string a(const std::string& type) {
  if (type == "nil") return type;
  return (std::string_view("aeiou").find(type.front()) != std::string_view::npos ? "an " : "a ") + type;
}

/// The end of many messages: "a nil value (local 'x')", where the part in brackets may be absent.
struct Operand {
  std::string type;
  std::string sort;
  std::string name;

  std::string is() const {
    if (name.empty()) return fmt::format("a value is {} here", a(type));
    return fmt::format("'{}' is {}{}", name, a(type), sort == "constant" ? "" : " here");
  }
  std::string remedy() const {
    if (type != "nil") return "";
    if (name.empty()) return "check what the expression gives before it is used";
    if (sort == "field" || sort == "method")
      return fmt::format("check the spelling of '{}', and whether whatever it belongs to always has it", name);
    return fmt::format("give '{0}' a value before this line, or check it with `if {0} then`", name);
  }
};

std::optional<Operand> operand(Words& words) {
  if (!words.take("a ")) return std::nullopt;
  Operand found;
  found.type = words.take_until(" value");
  if (found.type.empty()) return std::nullopt;
  if (words.take(" (")) {
    found.sort = words.take_until(" '");
    found.name = words.take_until("'");
  }
  return found;
}

std::optional<Plain> about_access(Words words) {
  const bool index = words.take("attempt to index ");
  if (!index && !words.take("attempt to call ")) return std::nullopt;
  const auto what = operand(words);
  if (!what) return std::nullopt;
  if (index) return Plain{what->is() + ", so it has no fields to read or set", what->remedy()};
  if (what->sort == "method" && what->type == "nil")
    return Plain{fmt::format("there is no method '{}' here", what->name), "check its spelling"};
  return Plain{what->is() + ", so it cannot be called", what->remedy()};
}

std::optional<Plain> about_operation(Words words) {
  if (!words.take("attempt to ")) return std::nullopt;
  const char* consequence = nullptr;
  const bool joins = words.take("concatenate ");
  if (joins) consequence = "cannot be joined to a string";
  if (words.take("perform arithmetic on ") || words.take("perform bitwise operation on "))
    consequence = "cannot be calculated with";
  if (words.take("get length of ")) consequence = "has no length";
  if (consequence == nullptr) return std::nullopt;
  const auto what = operand(words);
  if (!what) return std::nullopt;
  std::string remedy = what->remedy();
  if (joins && remedy.empty()) remedy = "use tostring(...) on it";
  return Plain{fmt::format("{}, so it {}", what->is(), consequence), remedy};
}

std::optional<Plain> about_comparison(Words words) {
  if (!words.take("attempt to compare ")) return std::nullopt;
  const std::string remedy = "compare numbers with numbers, or strings with strings";
  if (words.take("two ")) {
    const auto type = words.take_until(" values");
    if (type == "nil") return Plain{"both values are nil here, so neither is the smaller", remedy};
    return Plain{fmt::format("two values of type {} have no order", type), remedy};
  }
  const auto left = words.take_until(" with ");
  const auto right = words.take_until("\n");
  if (left.empty() || right.empty()) return std::nullopt;
  return Plain{fmt::format("{} cannot be compared with {}", a(left), a(right)), remedy};
}

std::optional<Plain> about_variable(Words words) {
  if (words.take("variable '")) {
    const auto name = words.take_until("'");
    if (!words.take(" got a non-closable value")) return std::nullopt;
    return Plain{fmt::format("'{}' is declared <close>, but scripts have no values that can be closed", name),
                 "use a plain local variable"};
  }
  if (words.take("bad 'for' ")) {
    const auto part = words.take_until(" (number expected");
    return Plain{fmt::format("the {} of this 'for' must be a number", part), "check what it is given"};
  }
  if (words.take("number") && (words.take_until(" has no integer"), words.take(" representation")))
    return Plain{"a whole number is needed here", "use math.floor(...) or the // operator"};
  return std::nullopt;
}

std::optional<Plain> about_the_rest(std::string_view text) {
  if (text.find("stack overflow") != std::string_view::npos)
    return Plain{"functions call each other too deeply", "look for a function that calls itself without an end"};
  if (text == "error in error handling")
    return Plain{"an error happened while another one was handled", "look at the handler that xpcall is given"};
  if (text == "attempt to perform 'n//0'" || text.starts_with("attempt to perform 'n%") ||
      text == "attempt to divide by zero")
    return Plain{"a whole number was divided by zero", "check the divisor first"};
  if (text.ends_with("index is nil"))
    return Plain{"nil cannot be a key of a table", "check what stands in the brackets"};
  if (text.ends_with("index is NaN"))
    return Plain{"'not a number' cannot be a key of a table", "check what stands in the brackets"};
  if (text == "string length overflow") return Plain{"the string would be too long", "keep less text"};
  return std::nullopt;
}

}  // namespace

Plain plain_words(std::string_view message) {
  if (message.size() > longest_message) message = message.substr(0, longest_message);
  const Words words(message);
  for (const auto& about : {&about_access, &about_operation, &about_comparison, &about_variable})
    if (auto plain = about(words)) return *plain;
  if (auto plain = about_the_rest(message)) return *plain;
  return {replaced(std::string(message), "a nil value", "nil"), ""};
}

Plain plain_syntax(std::string_view message) {
  if (message.size() > longest_message) message = message.substr(0, longest_message);
  const std::string text = replaced(std::string(message), "<eof>", "the end of the file");
  return {"syntax error: " + text, "correct the text at or before this line"};
}

}  // namespace shunt::lua
