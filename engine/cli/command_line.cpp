#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "shunt/schema.hpp"

namespace shunt::cli {

namespace {

void declare_globals(CLI::App& app, Options& options) {
  app.add_option("-f,--file", options.file, "the app file (default: shunt.lua, looked up from here towards the root)")
      ->type_name("FILE");
  app.add_option("--state", options.state, "folder with one state folder per app (or SHUNT_STATE)")->type_name("DIR");
  app.add_flag("--json", options.json, "print JSON, one object a line");
  const std::map<std::string, Color> colors = {
      {"auto", Color::automatic}, {"always", Color::always}, {"never", Color::never}};
  app.add_option_function<std::string>(
         "--color", [&options, colors](const std::string& name) { options.color = colors.at(name); },
         "colours (auto: on a terminal, unless NO_COLOR is set)")
      ->type_name("WHEN")
      ->check(CLI::IsMember(std::vector<std::string>{"auto", "always", "never"}));
  auto* quiet = app.add_flag("-q,--quiet", options.quiet, "print only how it ended, and errors");
  app.add_flag("-v,--verbose", options.verbose, "log to standard error what is going on")->excludes(quiet);
}

std::string indented(std::string_view lines) {
  std::string text = "  ";
  for (const char c : lines) text += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return text;
}

class Parser {
 public:
  Parser()
      : app_("Replaces running software with a newer version without its users noticing, and puts the old one back.",
             "shunt") {
    declare_globals(app_, command_.options);
    app_.require_subcommand(0, 1);
    app_.allow_extras();
    app_.get_formatter()->label("SUBCOMMAND", "VERB");
    app_.get_formatter()->label("REQUIRED", "");
    app_.footer("`shunt VERB --help` tells more, with an example.");
    for (const auto& verb : verbs()) {
      if (verb.declare == nullptr) continue;
      auto* sub = app_.add_subcommand(std::string(verb.name), std::string(verb.summary));
      sub->group("Verbs");
      sub->fallthrough();
      sub->allow_extras();
      sub->footer("Example:\n" + indented(verb.example) +
                  "\n\nOptions that every verb has: -f --state --json --color -q -v (`shunt --help`)");
      actions_[std::string(verb.name)] = verb.declare(*sub);
    }
  }

  Command parse(std::vector<std::string> arguments) {
    arguments_ = arguments;
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      const auto word = first_left();
      if (word && stands_for_verb(*word)) command_.error = unknown_verb(*word);
      if (!command_.error) command_.text = chosen() == nullptr ? app_.help() : chosen()->help("shunt");
      return command_;
    } catch (const CLI::ParseError& failure) {
      command_.error = stranger();
      if (!command_.error) command_.error = misused(failure.what());
      return command_;
    }
    command_.error = stranger();
    if (command_.error) return command_;
    if (chosen() == nullptr) {
      command_.text = app_.help();
      command_.error =
          Error("SH1953", Kind::config, "say what to do: a verb is missing", "choose one of the verbs above");
      return command_;
    }
    command_.verb = chosen()->get_name();
    command_.action = actions_[command_.verb];
    return command_;
  }

 private:
  CLI::App* chosen() const {
    const auto subs = app_.get_subcommands();
    return subs.empty() ? nullptr : subs.front();
  }

  // The first argument that nobody took.
  std::optional<std::string> first_left() const {
    const auto left = app_.remaining(true);
    const auto first = std::find_if(left.begin(), left.end(), [](const std::string& word) { return word != "--"; });
    return first == left.end() ? std::nullopt : std::optional(*first);
  }

  bool comes_before_verb(const std::string& word) const {
    if (chosen() == nullptr) return true;
    const auto verb = std::find(arguments_.begin(), arguments_.end(), chosen()->get_name());
    return std::find(arguments_.begin(), verb, word) != verb;
  }

  // `migrate status`: no call of `status`, but of a verb that there is not.
  bool stands_for_verb(const std::string& word) const { return !is_option(word) && comes_before_verb(word); }

  static bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

  std::optional<Error> stranger() const {
    const auto word = first_left();
    if (!word) return std::nullopt;
    if (is_option(*word)) return unknown_option(*word);
    if (stands_for_verb(*word)) return unknown_verb(*word);
    return misused(fmt::format("'{}' is one argument too many", *word));
  }

  Error unknown_verb(const std::string& name) const {
    if (find_verb(name) != nullptr)
      return {"SH1004", Kind::config, fmt::format("the verb '{}' is not available yet", name),
              "use a version of shunt that has it"};
    std::vector<std::string> names;
    for (const auto& verb : verbs()) names.emplace_back(verb.name);
    const auto near = nearest(name, names);
    return {"SH1951", Kind::config, fmt::format("there is no verb '{}'", name),
            near.empty() ? "`shunt --help` lists the verbs" : fmt::format("did you mean `shunt {}`?", near)};
  }

  Error unknown_option(const std::string& word) const {
    const auto name = word.substr(0, word.find('='));
    const auto where = comes_before_verb(word) ? std::string() : " " + chosen()->get_name();
    std::vector<std::string> names = option_names(app_);
    if (chosen() != nullptr)
      for (const auto& own : option_names(*chosen())) names.push_back(own);
    const auto near = nearest(name, names);
    return {"SH1952", Kind::config, fmt::format("`shunt{}` has no option '{}'", where, name),
            near.empty() ? fmt::format("`shunt{} --help` lists the options", where)
                         : fmt::format("did you mean {}?", near)};
  }

  static std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options()) {
      if (option->get_group().empty()) continue;
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }

  Error misused(const std::string& what) const {
    const auto where = chosen() == nullptr ? std::string() : " " + chosen()->get_name();
    return {"SH1953", Kind::config, fmt::format("`shunt{}`: {}", where, what),
            fmt::format("`shunt{} --help` shows how it is called, with an example", where)};
  }

  CLI::App app_;
  Command command_;
  std::vector<std::string> arguments_;
  std::map<std::string, Action> actions_;
};

}  // namespace

Command parse(const std::vector<std::string>& arguments) {
  // A question that must be answered as fast as a program can be loaded.
  if (arguments == std::vector<std::string>{"--version"}) return parse({"version"});
  return Parser().parse(arguments);
}

}  // namespace shunt::cli
