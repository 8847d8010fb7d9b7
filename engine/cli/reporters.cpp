#include "cli/reporters.hpp"

#include <chrono>

#include "cli/report/github.hpp"
#include "cli/report/json_lines.hpp"
#include "cli/report/terminal.hpp"
#include "cli/report/ticker.hpp"
#include "cli/settings.hpp"

namespace shunt::cli {

namespace {

bool is_dumb() {
  return environment("TERM").value_or("dumb") == "dumb";
}

bool speaks_unicode() {
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const auto locale = environment(name))
      return locale->find("UTF-8") != std::string::npos || locale->find("utf8") != std::string::npos;
  return false;
}

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// A Terminal with its pulse.
class LiveTerminal : public Reporter {
 public:
  LiveTerminal(Output& output, Style style)
      : terminal_(Screen{[&output](std::string_view text) { output.put(text); }, [&output] { return output.width(); },
                         steady_ms},
                  style),
        ticker_([this] { terminal_.tick(); }) {}
  ~LiveTerminal() override { terminal_.clear(); }

  void report(const Event& event) override { terminal_.report(event); }

 private:
  Terminal terminal_;
  Ticker ticker_;
};

}  // namespace

Style style_for(const Options& options, const Output& output) {
  Style style;
  style.unicode = speaks_unicode();
  style.color = options.color == Color::always ||
                (options.color == Color::automatic && output.is_terminal() && !is_dumb() && !environment("NO_COLOR"));
  return style;
}

bool on_github() {
  return environment("GITHUB_ACTIONS") == "true";
}

std::unique_ptr<Reporter> make_reporter(const Options& options, Output& output) {
  const Write write = [&output](std::string_view text) { output.put(text); };
  if (options.json) return std::make_unique<JsonLines>(write);
  if (options.quiet) return std::make_unique<Quiet>(write);
  if (on_github()) return std::make_unique<Github>(write);
  // With -v others write to the same screen, where a line that lives would be torn.
  if (output.is_terminal() && !is_dumb() && !options.verbose)
    return std::make_unique<LiveTerminal>(output, style_for(options, output));
  return std::make_unique<Plain>(write);
}

}  // namespace shunt::cli
