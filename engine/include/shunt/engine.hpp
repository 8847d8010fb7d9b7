// The engine as a program embeds it: what the command line does, one function per verb that acts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shunt/colour.hpp"
#include "shunt/events.hpp"
#include "shunt/registry.hpp"
#include "shunt/script.hpp"

namespace shunt {

namespace deploy {
struct Tools;
}

/// Where an engine keeps its state, and who uses it.
struct Settings {
  std::filesystem::path state_root;  ///< one folder per app below it
  bool state_named = false;          ///< the user named it (a default dies with a hosted runner)
  std::filesystem::path helpers;     ///< folder of shunt-supervise
  std::vector<std::string> program;  ///< how shunt itself is run: its path and global options, before a verb
  std::string by;                    ///< user@host
  bool terminal = false;             ///< a second Ctrl-C leaves at once
  std::vector<int> locks;            ///< descriptors of locks that an earlier image of this process holds

  Settings() = default;
};

/// How a verb ended.
struct Ending {
  int exit = 0;                ///< as in the contract of exit codes
  std::optional<Error> error;  ///< why, where there is a why
  std::string run;             ///< id of the deployment, "" when none was recorded
  std::string state;           ///< of that deployment
  std::string message;         ///< one line for people
  Value document;              ///< what the verb shows (status, plan, show ...)

  Ending() = default;
  explicit Ending(int exit, std::string message = {}) : exit(exit), message(std::move(message)) {}
  Ending(int exit, Error error) : exit(exit), error(std::move(error)) {}
};

/// Somebody who types a strategy line by line while it runs.
class Typist {
 public:
  virtual ~Typist() = default;

  /// Shows what the line before gave, { shown: [text] } or { failed: error }, and waits for the next one; nothing at
  /// the end. Called on a thread of its own.
  virtual std::optional<std::string> read(const Value& last) = 0;

  /// Ends `read`, and every later one at once. Any thread.
  virtual void interrupt() = 0;
};

struct DeployRequest {
  std::filesystem::path app_file;
  std::string version;
  std::string strategy;                        ///< "" : the app file's, else blue_green
  std::map<std::string, std::string> options;  ///< --set
  std::string reason;
  bool force = false;
  Typist* typist = nullptr;  ///< what it types is the strategy; outlives the call

  DeployRequest() = default;
};

struct SimulateRequest {
  std::filesystem::path app_file;              ///< where there is none, an ordinary app stands in for it
  std::string strategy;                        ///< "" : the app file's, else blue_green
  std::map<std::string, std::string> options;  ///< --set
  int runs = 1'000;
  std::uint64_t seed = 1;
  std::vector<std::string> faults;  ///< kinds; none: all of them
  bool crashes = false;             ///< every single death of the engine in place of random faults
  bool exhaustive = false;          ///< every single fault, and every pair where there are few

  SimulateRequest() = default;
};

struct TestRequest {
  std::filesystem::path app_file;
  std::vector<std::filesystem::path> paths;  ///< files, or folders with *_test.lua; none: the app file's folder
  std::string filter;                        ///< part of the names of those that are run

  TestRequest() = default;
};

struct AdoptRequest {
  std::filesystem::path app_file;
  std::string version;
  Colour color = Colour::blue;  ///< where it runs
  bool may_stop = false;        ///< shunt may end it once a later version has replaced it
  std::string reason;

  AdoptRequest() = default;
};

/// Everything that shunt does. Blocks until it is done; one call at a time. Adapters, script language and reporter
/// outlive it.
class Engine {
 public:
  Engine(Settings settings, const Registry& registry, ScriptRuntime& scripts, Reporter& reporter);

  Ending deploy(const DeployRequest& request);
  Ending plan(const DeployRequest& request);
  Ending rollback(const std::filesystem::path& app_file, const std::string& mode, const std::string& reason);
  Ending adopt(const AdoptRequest& request);
  Ending resume(const std::filesystem::path& app_file, const std::string& run);
  Ending resume_all();

  /// An operator's decision about a deployment that needs one: retry, skip, adopt or abandon.
  Ending resolve(const std::filesystem::path& app_file, const std::string& run, const std::string& decision,
                 const std::string& reason);
  Ending repair(const std::filesystem::path& app_file, bool accept);
  Ending repair_due();
  Ending cleanup(const std::filesystem::path& app_file);
  Ending cleanup_due();

  /// Puts `verb` (approve, reject, abort) into the inbox of the running deployment and waits until its holder took it.
  Ending answer(const std::filesystem::path& app_file, const std::string& verb, const std::string& which,
                const std::string& reason);

  /// A past run again from its journal, without effects; exit 1 (SH1941) where it, or `strategy` in its place, would
  /// have acted differently.
  Ending replay(const std::filesystem::path& app_file, const std::string& run, const std::string& strategy);

  /// Trials of a strategy in a modelled world, with faults; exit 1 with findings. Uses all cores.
  Ending simulate(const SimulateRequest& request);

  /// Lua tests in virtual time; exit 1 where one fails.
  Ending test(const TestRequest& request);

  Ending status(const std::filesystem::path& app_file);
  /// Looks at everything that the app file names, and at the state folder; exit 1 with findings.
  Ending doctor(const std::filesystem::path& app_file);

  Ending history(const std::filesystem::path& app_file, int limit);
  Ending show(const std::filesystem::path& app_file, const std::string& run);
  Ending logs(const std::filesystem::path& app_file, const std::string& service, const std::string& only, int lines);

  /// LOAD of the app file and of strategies, and everything that can be said without touching the world.
  Ending check(const std::filesystem::path& app_file, const std::vector<std::string>& strategies);

 private:
  deploy::Tools tools();

  Settings settings_;
  const Registry& registry_;
  ScriptRuntime& scripts_;
  Reporter& reporter_;
};

}  // namespace shunt
