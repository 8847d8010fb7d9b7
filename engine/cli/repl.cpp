#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <mutex>

#include "cli/line_editor.hpp"
#include "cli/report/narration.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"
#include "lua/definitions.hpp"
#include "simulate/conversation.hpp"

namespace shunt::cli {

namespace {

/// What is written to by whoever narrates, and by whoever answers the one who types.
class Screen {
 public:
  explicit Screen(Session& session) : session_(session) {}

  void print(const std::string& text) {
    const std::lock_guard guard(mutex_);
    session_.print(text);
  }

  void show(const Outcome& outcome) {
    const std::lock_guard guard(mutex_);
    if (outcome.error) session_.fail(*outcome.error);
    for (const auto& value : outcome.value) session_.print(value.get<std::string>() + "\n");
  }

  Style style() const { return session_.style(); }

 private:
  Session& session_;
  std::mutex mutex_;
};

/// Tells what happens while a line waits.
class Narrator : public Reporter {
 public:
  explicit Narrator(Screen& screen) : screen_(screen) {}

  void report(const Event& event) override {
    const bool ends = event.name == "step" && event.fields.value("state", "") != "begin";
    if (event.name == "step" && !ends) return;
    screen_.print(screen_.style().dim("  " + narrate(event)) + "\n");
  }

 private:
  Screen& screen_;
};

constexpr const char* welcome_live =
    "{0} {1}, for real: every line acts. Type Lua, or `help` and `help NAME`. Ctrl-D ends the deployment: what has "
    "not\n"
    "all the traffic by then is rolled back, and so it is where shunt is interrupted.\n";

constexpr const char* welcome =
    "A simulated world: v1 serves, v2 shall. Type Lua, or `help` and `help NAME`; Ctrl-D ends.\n";

std::string help(const std::string& line) {
  const auto name = line.size() > 5 ? line.substr(5) : "";
  if (name.empty())
    return "deploy:launch(), deploy:shift(50), clock.sleep(\"1m\"), world:advance(\"10m\"), world:kill { at = \"5s\" } "
           "...\n"
           "help deploy, help world, help probe, help deploy:soak tell more; names are completed with Tab.\n";
  const auto text = lua::help_for(name);
  return text.empty() ? fmt::format("there is no '{}'\n", name) : text;
}

using IsOpen = std::function<bool(const std::string& text)>;

// Lines until they make a whole; nothing at the end.
std::optional<std::string> read_whole(LineEditor& editor, const IsOpen& is_open) {
  auto text = editor.read("> ");
  if (!text) return std::nullopt;
  while (is_open(*text)) {
    const auto more = editor.read(">> ");
    if (!more) break;
    *text += "\n" + *more;
  }
  return text;
}

// The next text that is to be evaluated; what asks for help is answered here.
std::optional<std::string> next_text(Screen& screen, LineEditor& editor, const IsOpen& is_open) {
  while (auto text = read_whole(editor, is_open)) {
    if (text->find_first_not_of(" \t\n") == std::string::npos) continue;
    editor.remember(*text);
    if (*text != "help" && !text->starts_with("help ")) return text;
    screen.print(help(*text));
  }
  return std::nullopt;
}

void converse(Screen& screen, simulate::Conversation& conversation, LineEditor& editor) {
  const IsOpen is_open = [&](const std::string& text) { return conversation.is_open(text); };
  while (auto text = next_text(screen, editor, is_open)) screen.show(conversation.evaluate(*text));
}

/// Somebody at the terminal, or what is piped into it.
class Person : public Typist {
 public:
  Person(Screen& screen, LineEditor& editor, Prompt& prompt)
      : screen_(screen),
        editor_(editor),
        is_open_([&prompt](const std::string& text) { return prompt.is_open(text); }) {}

  std::optional<std::string> read(const Value& last) override {
    if (last.contains("failed")) screen_.show(Outcome(error_from(last["failed"])));
    if (last.contains("shown")) screen_.show(Outcome(last["shown"]));
    return next_text(screen_, editor_, is_open_);
  }

  void interrupt() override { editor_.interrupt(); }

 private:
  Screen& screen_;
  LineEditor& editor_;
  IsOpen is_open_;
};

LineEditor editor_of(Session& session) {
  std::error_code failed;
  std::filesystem::create_directories(session.settings().state_root, failed);
  return LineEditor(failed ? std::filesystem::path() : session.settings().state_root / "repl_history",
                    lua::names_beginning);
}

struct Arguments {
  std::string version = "v2";
  bool live = false;
  bool yes = false;
};

int simulated(Session& session, const std::string& version) {
  auto& scripts = *session.parts().scripts;
  auto app = simulate::app_for(session.options().file, session.parts().registry, scripts);
  if (!app) return session.fail(app.error());
  simulate::Setting setting;
  setting.version = version;
  const auto subject = simulate::make_subject(*app, "blue_green", Value::object(), setting, scripts);
  if (!subject) return session.fail(subject.error());
  Screen screen(session);
  Narrator narrator(screen);
  simulate::Conversation conversation(*subject, scripts, narrator);
  auto editor = editor_of(session);
  session.print(welcome);
  converse(screen, conversation, editor);
  return 0;
}

int live(Session& session, const Arguments& arguments) {
  auto& scripts = *session.parts().scripts;
  const auto app = simulate::app_for(session.options().file, session.parts().registry, scripts);
  if (!app) return session.fail(app.error());
  if (!*app)
    return session.fail(Error("SH1012", Kind::config, "there is no app file here, and so nothing to deploy",
                              "name one with -f, or leave --live out"));
  auto editor = editor_of(session);
  session.print(fmt::format(welcome_live, (*app)->name, arguments.version));
  if (!arguments.yes && editor.read(fmt::format("Type {} to begin: ", (*app)->name)) != (*app)->name)
    return session.fail(Error("SH1015", Kind::config, "nothing was begun: that is not the name of the app",
                              "type it as it stands there, or say --yes"));
  const auto prompt = scripts.prompt(Value::object(), false);
  Screen screen(session);
  Narrator narrator(screen);
  Person person(screen, editor, *prompt);
  DeployRequest request;
  request.app_file = session.options().file;
  request.version = arguments.version;
  request.reason = "typed at the prompt";
  request.typist = &person;
  Engine engine(session.settings(), session.parts().registry, scripts, narrator);
  return session.end(engine.deploy(request));
}

}  // namespace

Action declare_repl(CLI::App& command) {
  auto arguments = std::make_shared<Arguments>();
  auto* version = command.add_option("VERSION", arguments->version, "the version that shall serve (v2)")->type_name("");
  auto* live_flag =
      command.add_flag("--live", arguments->live, "deploy it for real, with the adapters of the app file");
  live_flag->needs(version);
  command.add_flag("--yes", arguments->yes, "do not ask before --live begins")->needs(live_flag);
  return [arguments](Session& session) {
    return arguments->live ? live(session, *arguments) : simulated(session, arguments->version);
  };
}

}  // namespace shunt::cli
