// One attempt to break out of the sandbox, run where it can do no harm.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "shunt/duration.hpp"

namespace shunt::sandbox {

/// How a file of attacks/ is run.
enum class Role {
  run,   ///< as the body of a strategy's `run`
  load,  ///< as a strategy
  app,   ///< as an app file
};

/// What a file of attacks/ says of itself. Its first line tells in words what is tried and what must happen; the second
/// says it again for the machine: `-- ends: CODE [or CODE] [at LINE] [as load|app]`, where CODE is "ok", an error's
/// code, or "busy" (over the budget of instructions or time). A script that has got through says so with
/// `log.error(...)` or `error("breached")`.
struct Attack {
  std::string name;
  std::string text;
  Role role = Role::run;
  std::vector<std::string> codes;  ///< any of them is right
  int line = 0;                    ///< of the error; 0: not promised
};

/// All of `folder`, by name. Throws std::runtime_error for a file whose head cannot be read.
std::vector<Attack> attacks_in(const std::filesystem::path& folder);

/// What came of it.
struct Ended {
  std::string code;  ///< "ok", or the error's; "crash" and "hang" when the process did not end by itself
  std::string text;  ///< the error as people see it, with its evidence and remedy
  std::string file;
  int line = 0;
  std::vector<std::string> breaches;  ///< what the script said that it must not be able to say
  Milliseconds used{0};               ///< time on a processor
  long memory_kib = 0;                ///< the most that the process had beyond what it began with
};

/// The code of an ending in which nothing but its process could be ended.
constexpr const char* by_the_watchdog = "ended by the watchdog";

/// How much slower a program is that a sanitizer watches.
#if defined(__SANITIZE_ADDRESS__)
constexpr int slowness = 6;
#else
constexpr int slowness = 1;
#endif

/// The limits of a strategy that attacks; an app file has those of the product, which cannot be lowered.
constexpr Milliseconds wall{500 * slowness};
constexpr std::size_t memory = 32 * 1024 * 1024;

/// Runs it in a child process, with its files read from `folder` by the reader that `deploy` uses.
Ended run(const Attack& attack, const std::filesystem::path& folder);

}  // namespace shunt::sandbox
