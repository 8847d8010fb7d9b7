#include "cli/session.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <fstream>
#include <sstream>

#include "cli/advice.hpp"
#include "cli/diagnostics.hpp"
#include "cli/report/documents.hpp"
#include "cli/report/github.hpp"
#include "cli/report/json_lines.hpp"
#include "cli/report/pages.hpp"
#include "cli/report/text.hpp"
#include "cli/reporters.hpp"
#include "cli/settings.hpp"
#include "deploy/load.hpp"
#include "shunt/duration.hpp"

namespace shunt::cli {

namespace {

constexpr std::uintmax_t longest_source = 1024 * 1024;
constexpr std::size_t longest_summary = 1000 * 1000;  ///< GitHub drops job summaries of more than 1 MiB
constexpr std::size_t output_lines = 10;

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none) || std::filesystem::file_size(path, none) > longest_source)
    return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Event event_now(std::string name, const std::string& run, Value fields) {
  Event event(std::move(name), std::move(fields));
  event.time = wall_clock_ms();
  event.deployment = run;
  return event;
}

bool found_work_for_an_operator(const Ending& ending) {
  return ending.exit == 3 && ending.error.has_value();
}

}  // namespace

/// Passes events on, and remembers how the last deployment ended.
class Watch : public Reporter {
 public:
  Watch(std::unique_ptr<Reporter> next, Diagnostics* diagnostics) : next_(std::move(next)), diagnostics_(diagnostics) {}

  void report(const Event& event) override {
    if (event.name == "started") saw_end_ = false;
    if (event.name == "ended") saw_end_ = true;
    if (diagnostics_ != nullptr) diagnostics_->say(event);
    if (next_) next_->report(event);
  }

  bool saw_end() const { return saw_end_; }

  /// Lets the reporter leave the screen; what comes later is for nobody.
  void stop() { next_.reset(); }

 private:
  std::unique_ptr<Reporter> next_;
  Diagnostics* diagnostics_;
  bool saw_end_ = false;
};

Session::Session(Options options) : options_(std::move(options)), out_(STDOUT_FILENO), err_(STDERR_FILENO) {}

Session::~Session() {
  if (watch_) watch_->stop();
  out_.flush();
  err_.flush();
}

Style Session::style() const {
  return style_for(options_, out_);
}

Settings& Session::settings() {
  if (!settings_) {
    auto found = find_settings(options_);
    if (!found) throw Failure(found.error());
    settings_ = std::move(*found);
  }
  return *settings_;
}

Parts& Session::parts() {
  if (!parts_) parts_ = make_parts();
  return *parts_;
}

Engine& Session::engine() {
  if (engine_) return *engine_;
  if (options_.verbose) {
    diagnostics_ = std::make_unique<Diagnostics>();
    diagnostics_->say(fmt::format("shunt {} of {}, state in {}, helpers in {}", program_version(), settings().by,
                                  settings().state_root.string(), settings().helpers.string()));
  }
  watch_ = std::make_unique<Watch>(make_reporter(options_, out_), diagnostics_.get());
  engine_ = std::make_unique<Engine>(settings(), parts().registry, *parts().scripts, *watch_);
  return *engine_;
}

void Session::print(const std::string& text) {
  out_.put(text);
}

int Session::end(const Ending& ending) {
  if (watch_) watch_->stop();
  if (options_.json) {
    end_in_json(ending);
    return ending.exit;
  }
  const bool told = watch_ && watch_->saw_end();
  if (!told && !ending.message.empty() && !ending.error) print(ending.message + "\n");
  out_.flush();
  if (ending.error) tell(*ending.error, ending.run);
  err_.put(output_text(member(ending.document, "output"), output_lines, style_for(options_, err_)));
  if (found_work_for_an_operator(ending)) tell_what_serves(ending);
  for (const auto& command : next_commands(ending, options_)) err_.put("next: " + command + "\n");
  write_job_summary(ending);
  return ending.exit;
}

void Session::end_in_json(const Ending& ending) {
  const bool told = watch_ && watch_->saw_end();
  Value next = next_commands(ending, options_);
  if (ending.error && !told) {
    Value fields = to_value(*ending.error);
    fields["exit"] = ending.exit;
    if (!next.empty()) fields["next"] = std::move(next);
    print(json_line(event_now("error", ending.run, std::move(fields))));
  } else if (!told) {
    print(json_line(event_now("result", ending.run, {{"exit", ending.exit}, {"message", ending.message}})));
  }
}

int Session::show(const Ending& ending, const Render& render) {
  if (watch_) watch_->stop();
  if (!ending.document.is_null())
    print(options_.json ? to_text(ending.document) + "\n" : render(ending.document, style()));
  if (ending.document.is_null() && !ending.error) return end(ending);
  out_.flush();
  if (ending.error) tell(*ending.error, ending.run);
  return ending.exit;
}

int Session::fail(const Error& error, int exit) {
  Ending ending(exit, error);
  if (!options_.json) return end(ending);
  end_in_json(ending);
  return exit;
}

void Session::tell(const Error& error, const std::string& run) {
  if (options_.json) {
    print(json_line(event_now("error", run, to_value(error))));
    return;
  }
  if (on_github()) {
    print(error_annotation(error));
    out_.flush();
  }
  err_.put(failure_text(
      error, [this](const std::string& file) { return source(file); }, style_for(options_, err_)));
}

// Reads the world again: after a failure nobody should have to guess.
void Session::tell_what_serves(const Ending& ending) {
  if (!engine_ || ending.error->code == "SH1012") return;
  const auto now = engine_->status(options_.file);
  for (const auto& line : serving_lines(now.document)) err_.put("now: " + line + "\n");
}

void Session::write_job_summary(const Ending& ending) {
  const auto file = environment("GITHUB_STEP_SUMMARY");
  if (!on_github() || !file || ending.run.empty() || !engine_) return;
  const auto run = engine_->show(options_.file, ending.run);
  if (!run.document.is_object()) return;
  std::ofstream summary(*file, std::ios::app | std::ios::binary);
  summary << markdown_page(run.document).substr(0, longest_summary) << "\n";
}

std::optional<std::string> Session::source(const std::string& file) {
  const auto app_file = deploy::find_app_file(options_.file);
  const auto folder = app_file ? app_file->parent_path() : std::filesystem::path();
  if (auto text = read_text(folder / file)) return text;
  if (!parts_) return std::nullopt;
  for (const auto& strategy : parts_->scripts->bundled())
    if (file == "strategies/" + strategy.name + ".lua") return strategy.text;
  return std::nullopt;
}

}  // namespace shunt::cli
