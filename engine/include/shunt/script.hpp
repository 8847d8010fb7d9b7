// What the engine needs of a script language: load an app file, load a strategy, run it in front of a Performer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shunt/call.hpp"
#include "shunt/duration.hpp"
#include "shunt/task.hpp"

namespace shunt {

/// One text that was evaluated. Names are relative to the app file's folder where the file lies below it, and are what
/// errors show.
struct Source {
  std::string name;
  std::string text;

  Source() = default;
  Source(std::string name, std::string text) : name(std::move(name)), text(std::move(text)) {}
};

/// Reads a file named by `include`, `require` or the caller; nothing when it does not exist. From disk on `deploy`,
/// from the stored bundle on `resume`.
using ReadFile = std::function<std::optional<std::string>(const std::string& name)>;

/// Answers `env "NAME"`; from the environment on `deploy`, from the run's recorded inputs on `resume`.
using ReadEnvironment = std::function<std::optional<std::string>(const std::string& name)>;

struct AppFile {
  Value table;                  ///< what the chunk returned; secrets as handles
  std::vector<Source> sources;  ///< itself first, then everything it included
  Value environment;            ///< every name asked for, to its string or null
  std::vector<std::string> warnings;
  /// Where keys of `table` stand, by path ("services.web.health", "checks[1].name"; "" is the whole table), as far as
  /// the texts tell; for `evidence.path` of an error about it take the longest prefix that is there.
  std::map<std::string, Where> places;

  AppFile() = default;
};

struct StrategyInfo {
  std::string name;  ///< "gradual", or the path it was loaded from
  std::string summary;
  int api = 0;
  bool downtime = false;
  Value options;                ///< name → { type, default, doc }, as the author wrote it
  std::vector<Source> sources;  ///< itself first, then everything it required

  StrategyInfo() = default;
};

/// The script's only door to the world: one per branch of concurrent work.
class Performer {
 public:
  virtual ~Performer() = default;

  /// Performs one Call in this branch and returns what came of it. One at a time per branch. A `control` error means
  /// that the branch has ended: the script must not run on.
  virtual Task<Outcome> perform(Call call) = 0;

  /// The branches of a `task.all` or `task.race` that starts at this branch's next position. They must not outlive it.
  virtual std::vector<std::unique_ptr<Performer>> split(std::size_t count) = 0;

  /// Cancels what waits in this branch and below. Whoever awaits there gets the outcome, and every later perform
  /// answers with a control error at once.
  virtual void cancel() = 0;
};

/// Lines of a script's files that have code: file → line → how often it was reached.
using Coverage = std::map<std::string, std::map<int, std::int64_t>>;

/// What bounds a script between two performs.
struct ScriptLimits {
  std::int64_t instructions = 50'000'000;
  Milliseconds wall{2'000};
  std::size_t memory = 64 * 1024 * 1024;
  /// Called from the watchdog's own thread when the script does not come back within twice `wall`; must not return.
  std::function<void()> stuck;
  Coverage* coverage = nullptr;  ///< where its lines are counted; outlives the script

  ScriptLimits() = default;
};

/// One loaded strategy, for one run. Loop thread only; not reusable.
class Script {
 public:
  virtual ~Script() = default;

  virtual const StrategyInfo& info() const = 0;

  /// What its text shows to be a mistake, though it loads; each at its line.
  virtual std::vector<Error> remarks() const { return {}; }

  /// `given` checked against the declared options, with defaults; durations become milliseconds. SH1007 unknown option,
  /// SH1008 wrong type.
  virtual Result<Value> options(Value given) const = 0;

  /// Calls `run(deploy, options)`. Ends with nothing, or the error that the script raised or was ended with.
  virtual Task<Outcome> run(Performer& performer, Value deploy, Value options) = 0;

  /// Calls the function that was registered by `deploy:on_rollback(name, fn)`. SH1290 when it does not exist in this
  /// process, or when the script was killed and no Lua may run any more.
  virtual Task<Outcome> undo(std::string name, Performer& performer) = 0;
};

/// A file of tests, loaded. Its tests' only door is a Performer, too: of calls that make and question simulated worlds.
/// Loop thread only.
class TestFile {
 public:
  virtual ~TestFile() = default;

  struct Test {
    std::string name;
    Where where;
  };
  virtual const std::vector<Test>& tests() const = 0;

  /// A safety property of the file's own.
  struct Invariant {
    std::string name;
    std::int64_t function = 0;
  };
  virtual const std::vector<Invariant>& invariants() const = 0;

  /// Runs before_each and one test. Ends with nothing, or with the error that the test raised.
  virtual Task<Outcome> run(std::size_t index, Performer& performer) = 0;

  /// Calls a function that the file gave, by its number, while a test waits or none runs: what it returns, as a list.
  virtual Result<Value> call(std::int64_t function, Value argument) = 0;
};

/// A conversation: lines are evaluated one after the other, in one place, with the API of strategies, `deploy`, and the
/// simulated `world` where there is one. Loop thread only.
class Prompt {
 public:
  virtual ~Prompt() = default;

  /// Whether `text` is the beginning of something that needs more lines.
  virtual bool is_open(const std::string& text) = 0;

  /// Evaluates an expression or statements. Ends with the values as a list of texts, or the error.
  virtual Task<Outcome> evaluate(std::string text, Performer& performer) = 0;
};

/// The name of the strategy that somebody types: it performs prompt.read for one line after the other.
inline constexpr const char* typed_strategy = "prompt";

/// A script language. Nothing here has effects: only the LOAD phase runs.
class ScriptRuntime {
 public:
  virtual ~ScriptRuntime() = default;

  /// Evaluates an app file (at most 500 ms). Errors have kind config or script, with file and line.
  virtual Result<AppFile> load_app(std::string name, ReadFile files, ReadEnvironment environment) = 0;

  /// Evaluates a strategy. `name` is a file for `files`, a bundled name that `bundled` knows, or `typed_strategy` where
  /// the language has a prompt.
  virtual Result<std::unique_ptr<Script>> load_strategy(std::string name, ReadFile files, ScriptLimits limits) = 0;

  /// Evaluates a file of tests. SH1004 where the language has none.
  virtual Result<std::unique_ptr<TestFile>> load_tests(std::string name, ReadFile files, ScriptLimits limits);

  /// Begins a conversation about a deployment with these fields. Nothing where the language has none.
  virtual std::unique_ptr<Prompt> prompt(const Value& deploy, bool with_world) {
    static_cast<void>(deploy);
    static_cast<void>(with_world);
    return nullptr;
  }

  /// The same language and bundled strategies for another thread; nothing where it can serve one only.
  virtual std::unique_ptr<ScriptRuntime> another() const { return nullptr; }

  /// The bundled strategies, by name, with their text.
  virtual const std::vector<Source>& bundled() const = 0;

  /// Changes with whatever of the language's own library could make a script act otherwise: a run that another one
  /// began may go back, but not forward.
  virtual std::string library() const = 0;
};

inline Result<std::unique_ptr<TestFile>> ScriptRuntime::load_tests(std::string, ReadFile, ScriptLimits) {
  return Error("SH1004", Kind::config, "this script language has no tests", "write them in one that has");
}

}  // namespace shunt
