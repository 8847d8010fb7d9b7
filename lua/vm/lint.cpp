#include "vm/lint.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <string>

#include "vm/api.hpp"
#include "vm/lexer.hpp"

namespace shunt::lua {

namespace {

using Sort = Token::Kind;

/// A call of something of the API, as it stands in the text.
struct Mention {
  const Function* function = nullptr;
  std::size_t at = 0;      ///< of its first token
  std::size_t opens = 0;   ///< of the token with which its arguments begin
  std::size_t closes = 0;  ///< of the one after them
};

class Linter {
 public:
  Linter(const std::string& file, std::string_view text, const Value& options) : file_(file), options_(options) {
    Lexer lexer(text);
    for (auto token = lexer.next(); token.kind != Sort::end; token = lexer.next()) tokens_.push_back(token);
    find_mentions();
  }

  std::vector<Error> run() {
    unused_options();
    shadowed_primitives();
    ignored_results();
    no_gate();
    after_retirement();
    holes();
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Error& one, const Error& other) { return one.where.line < other.where.line; });
    return std::move(found_);
  }

 private:
  const Token& at(std::size_t index) const {
    static const Token none;
    return index < tokens_.size() ? tokens_[index] : none;
  }

  void say(const char* code, int line, std::string message, std::string remedy) {
    found_.push_back(Error(code, Kind::config, std::move(message), std::move(remedy)).at({file_, line}));
  }
  // The token after what opens at `index`: ( or {; a string is an argument by itself.
  std::size_t after(std::size_t index) const {
    if (at(index).kind == Sort::string) return index + 1;
    int depth = 0;
    for (; index < tokens_.size(); ++index) {
      if (at(index).is("(") || at(index).is("{") || at(index).is("[")) ++depth;
      if ((at(index).is(")") || at(index).is("}") || at(index).is("]")) && --depth == 0) return index + 1;
    }
    return index;
  }

  // name . member or name : member, with arguments after it.
  void find_mentions() {
    for (std::size_t i = 0; i + 3 < tokens_.size(); ++i) {
      if (at(i).kind != Sort::name || (i > 0 && (at(i - 1).is(".") || at(i - 1).is(":")))) continue;
      const bool method = at(i + 1).is(":");
      if ((!method && !at(i + 1).is(".")) || at(i + 2).kind != Sort::name) continue;
      const auto& open = at(i + 3);
      if (!open.is("(") && !open.is("{") && open.kind != Sort::string) continue;
      if (const auto* function = function_at(at(i).text, at(i + 2).text, method))
        mentions_.push_back({function, i, i + 3, after(i + 3)});
    }
  }

  // A method is told by its name alone where only one class has it: who the object is shows when it runs.
  static const Function* function_at(std::string_view name, std::string_view member, bool method) {
    for (const Module& module : api()) {
      if (module.for_tests || module.object != method || (!method && module.name != name)) continue;
      if (const auto* function = find_function(module, member)) return function;
    }
    return nullptr;
  }

  bool calls(const Mention& mention, std::string_view full_name) const {
    return mention.function->full_name == full_name;
  }

  void unused_options() {
    for (const auto& option : options_.items()) {
      const auto& name = option.key();
      const auto used = [&](std::size_t i) {
        const bool member = at(i).kind == Sort::name && at(i).text == name && i > 0 && at(i - 1).is(".");
        const bool index = at(i).kind == Sort::string && at(i).text == name && i > 0 && at(i - 1).is("[");
        return member || index;
      };
      bool found = false;
      int line = 0;
      for (std::size_t i = 0; i < tokens_.size(); ++i) {
        found =
            found || used(i) || (at(i).is("[") && at(i + 1).kind == Sort::name && i > 0 && at(i - 1).text == "options");
        const bool declares = at(i).kind == Sort::name && at(i).text == name && at(i + 1).is("=") && at(i + 2).is("{");
        if (declares && line == 0) line = at(i).line;
      }
      if (!found)
        say("SH2201", line, fmt::format("the option '{}' is declared, and never used", name),
            fmt::format("use options.{}, or remove it", name));
    }
  }

  static bool is_primitive(std::string_view name) {
    const auto* module = find_module(name);
    return module != nullptr && !module->object && !module->globals && !module->for_tests;
  }

  void shadowed(const Token& token) {
    if (token.kind == Sort::name && is_primitive(token.text))
      say("SH2202", token.line,
          fmt::format("'{}' is a local name here, and hides the primitive {}", token.text, token.text),
          "give it another name");
  }

  // local a, b = ...; for a, b in ...; function (a, b).
  void shadowed_primitives() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      std::size_t next = i + 1;
      if (at(i).is("local") && at(next).is("function")) ++next;
      if (at(i).is("local") || at(i).is("for"))
        for (; at(next).kind == Sort::name || at(next).is(",") || at(next).is("<"); ++next) shadowed(at(next));
      if (!at(i).is("function")) continue;
      while (next < tokens_.size() && !at(next).is("(")) ++next;
      for (++next; next < tokens_.size() && !at(next).is(")"); ++next) shadowed(at(next));
    }
  }

  // A call that is a statement: what stands before it ends a statement, or opens a block.
  bool is_statement(const Mention& mention) const {
    if (mention.at == 0) return true;
    const auto& before = at(mention.at - 1);
    if (at(mention.closes).is(".") || at(mention.closes).is(":") || at(mention.closes).is("[")) return false;
    for (const char* word : {"then", "do", "else", "end", ";", ")", "}", "repeat"})
      if (before.is(word)) return true;
    return (before.kind == Sort::name || before.kind == Sort::string || before.kind == Sort::number) &&
           before.line < at(mention.at).line;
  }

  void ignored_results() {
    for (const auto& mention : mentions_) {
      const auto& function = *mention.function;
      // What these give is the smaller part of what they do, and their failures raise.
      const bool is_deed = function.module->name == "task" || function.module->name == "image";
      if (function.gives.empty() || is_deed || function.full_name == "deploy:launch" ||
          function.full_name == "deploy:phase")
        continue;
      if (!is_statement(mention)) continue;
      const bool is_check = function.module->name == "exec" || function.module->name == "http";
      say("SH2203", at(mention.at).line, fmt::format("what {} gives is ignored", function.full_name),
          is_check ? "look at it: a program that fails, or an answer of 500, raises no error"
                   : "use it, or leave the call out: it changes nothing");
    }
  }

  const Mention* last(std::string_view full_name) const {
    const Mention* found = nullptr;
    for (const auto& mention : mentions_)
      if (calls(mention, full_name)) found = &mention;
    return found;
  }

  bool is_held(const Mention& retirement) const {
    for (std::size_t i = retirement.opens; i < retirement.closes; ++i)
      if (at(i).kind == Sort::name && at(i).text == "hold") return true;
    return false;
  }

  void no_gate() {
    const auto* retirement = last("deploy:retire_old");
    if (retirement == nullptr) return;
    const Mention* shift = nullptr;
    bool watched = false;
    for (const auto& mention : mentions_) {
      if (mention.at >= retirement->at) break;
      if (calls(mention, "deploy:shift") || calls(mention, "proxy.set")) {
        shift = &mention;
        watched = false;
      }
      for (const char* watch : {"deploy:soak", "deploy:check_gates", "metrics.query", "deploy:confirm"})
        watched = watched || calls(mention, watch);
    }
    if (shift != nullptr && !watched && !is_held(*retirement))
      say("SH2204", at(retirement->at).line,
          "the old version is retired, and nothing looked at the new one under its traffic",
          "put deploy:soak(...) between the last shift and retire_old, or hold the old version");
  }

  void after_retirement() {
    const Mention* retirement = nullptr;
    for (const auto& mention : mentions_) {
      if (calls(mention, "deploy:retire_old") && !is_held(mention)) retirement = &mention;
      if (retirement == nullptr || mention.at <= retirement->at) continue;
      if (calls(mention, "deploy:shift") || calls(mention, "proxy.set"))
        say("SH2205", at(mention.at).line,
            fmt::format("{} stands after retire_old, which has stopped the old version", mention.function->full_name),
            "shift before you retire");
      if (calls(mention, "deploy:on_rollback"))
        say("SH2206", at(mention.at).line,
            "this undo is registered after retire_old, when no error rolls back any more",
            "register it before what it undoes, and before retire_old");
    }
    for (std::size_t i = retirement == nullptr ? tokens_.size() : retirement->closes; i < tokens_.size(); ++i)
      if (at(i).kind == Sort::name && at(i).text == "live" && at(i - 1).is("."))
        say("SH2205", at(i).line, "the old colour is named after retire_old, which has stopped it",
            "do what needs it before you retire");
  }

  // Names whose tables lose elements, or are made with holes.
  std::set<std::string_view> names_with_holes() const {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (at(i).kind != Sort::name) continue;
      if (at(i + 1).is("[")) {
        const auto end = after(i + 1);
        if (at(end).is("=") && at(end + 1).is("nil")) names.insert(at(i).text);
      }
      if (!at(i + 1).is("=") || !at(i + 2).is("{")) continue;
      const auto end = after(i + 2);
      for (std::size_t inside = i + 3; inside < end; ++inside)
        if (at(inside).is("nil") && !at(inside - 1).is("=") && at(inside + 1).is(",")) names.insert(at(i).text);
    }
    return names;
  }

  void holes() {
    const auto names = names_with_holes();
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i)
      if (at(i).is("#") && at(i + 1).kind == Sort::name && names.count(at(i + 1).text) != 0 && !at(i + 2).is("."))
        say("SH2207", at(i).line,
            fmt::format("'{}' may have holes, and then its length is not defined", at(i + 1).text),
            "count the elements, or keep the list without holes (table.remove)");
  }

  const std::string& file_;
  const Value& options_;
  std::vector<Token> tokens_;
  std::vector<Mention> mentions_;
  std::vector<Error> found_;
};

}  // namespace

std::vector<Error> lint(const std::string& file, std::string_view text, const Value& options) {
  return Linter(file, text, options).run();
}

}  // namespace shunt::lua
