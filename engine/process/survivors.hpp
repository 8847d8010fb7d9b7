// Commands that outlive the process that started them, and how the next one finds them.
#pragma once

#include <string>
#include <vector>

#include "shunt/process.hpp"

namespace shunt::process {

/// Runs commands through another Spawner, each marked in its environment (SHUNT_CALL) with the run that it belongs to,
/// so there is no instant at which a command lives that could not be found. Nothing is marked before there is a run.
class Marking : public Spawner {
 public:
  explicit Marking(Spawner& inner) : inner_(inner) {}

  void begin(std::string run) { run_ = std::move(run); }
  Task<Result<Finished>> run(Command command) override;

 private:
  Spawner& inner_;
  std::string run_;
};

/// A command whose starter is gone.
struct Survivor {
  Identity identity;  ///< leader of its process group
  std::string program;
  std::int64_t until = 0;  ///< unix ms: when its starter would have ended it
  Milliseconds grace{0};
  bool observes = false;  ///< Command::observes

  Survivor() = default;
};

/// The commands of a run that are alive, other than those to which this process itself belongs. What they started in
/// sessions of their own (daemons, supervisors) is none of it. Reads all of /proc.
std::vector<Survivor> survivors_of(const std::string& run);

/// Ends the whole group: TERM, grace, KILL. False when something of it is there still, five seconds later.
Task<bool> end(Survivor survivor);

}  // namespace shunt::process
