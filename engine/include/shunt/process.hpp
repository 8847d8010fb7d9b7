// Child processes: an argument list goes in, an exit status and output come back.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shunt/duration.hpp"
#include "shunt/error.hpp"
#include "shunt/task.hpp"

namespace shunt::process {

/// A process that can be told from a later one with the same number.
struct Identity {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< field 22 of /proc/PID/stat, clock ticks since boot
};

struct Command {
  std::vector<std::string> argv;           ///< argv[0] is looked up in PATH when it has no slash
  std::string cwd;                         ///< empty: the caller's
  std::map<std::string, std::string> env;  ///< added to (and overriding) the caller's environment
  bool clean_env = false;                  ///< true: `env` alone
  std::string input;                       ///< standard input; the child sees end of file after it
  Milliseconds timeout{60'000};
  Milliseconds grace{5'000};              ///< between TERM and KILL for the whole process group
  std::size_t max_output = 1024 * 1024;   ///< per stream; more is drained, dropped and reported as `truncated`
  bool observes = false;                  ///< it changes nothing: it may be ended and run again at any time
  std::function<void(Identity)> started;  ///< called once the child exists, before anything is awaited

  Command() = default;
  explicit Command(std::vector<std::string> argv) : argv(std::move(argv)) {}
};

struct Finished {
  int code = 0;    ///< exit status, or 128 + signal
  int signal = 0;  ///< the signal that ended it, or 0
  std::string out;
  std::string err;
  bool truncated = false;
  Milliseconds elapsed{0};

  Finished() = default;
};

/// Runs commands, each in a process group of its own; a shell is never involved, and no descriptor but 0 to 2 is
/// inherited.
///
/// A command that ran is success, whatever its status. Failures: SH1711 cannot start (no such program, folder,
/// permission), SH1712 timed out (the group was ended first; `evidence` has the tails of both streams). Cancelling the
/// awaiting task ends the group: TERM, grace, KILL, and is joined. A descendant that holds the output open past its
/// parent's end is not waited for longer than the grace. Loop thread only.
class Spawner {
 public:
  virtual ~Spawner() = default;
  virtual Task<Result<Finished>> run(Command command) = 0;
};

/// The start time of a living process, or nothing.
std::optional<std::uint64_t> start_time_of(pid_t pid);

/// Whether that very process (not a later one with its number) is alive; a zombie is not.
bool is_alive(Identity identity);

}  // namespace shunt::process
