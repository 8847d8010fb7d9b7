// What a verb works with; everything in it is made when it is first asked for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/options.hpp"
#include "cli/parts.hpp"
#include "cli/report/failure.hpp"
#include "cli/report/output.hpp"
#include "cli/report/style.hpp"
#include "shunt/engine.hpp"

namespace shunt::cli {

class Diagnostics;
class Watch;

/// One call of the program. Throws Failure where the surroundings make an engine impossible.
class Session {
 public:
  explicit Session(Options options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Options& options() const { return options_; }
  Output& out() { return out_; }
  Style style() const;

  Settings& settings();
  Parts& parts();
  Engine& engine();

  /// Prints `text` on standard output.
  void print(const std::string& text);

  /// Prints what a verb that acts came to: its message, its error with what serves and what to do next. Returns its
  /// exit code.
  int end(const Ending& ending);

  using Render = std::function<std::string(const Value& document, const Style& style)>;

  /// Prints what a verb that looks has found: the document itself with --json, else what `render` makes of it.
  int show(const Ending& ending, const Render& render);

  /// Prints `error`; returns `exit`.
  int fail(const Error& error, int exit = 2);

  /// Finds the text that an error's place means: a file beside the app file, or a bundled strategy.
  std::optional<std::string> source(const std::string& file);

 private:
  void tell(const Error& error, const std::string& run);
  void tell_what_serves(const Ending& ending);
  void write_job_summary(const Ending& ending);
  void end_in_json(const Ending& ending);

  Options options_;
  Output out_;
  Output err_;
  std::optional<Settings> settings_;
  std::unique_ptr<Diagnostics> diagnostics_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<Engine> engine_;
};

/// Reads the arguments and does what they say; returns the exit code.
int run(const std::vector<std::string>& arguments);

}  // namespace shunt::cli
