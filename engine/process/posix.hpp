// The real thing: commands run by this operating system.
#pragma once

#include "shunt/process.hpp"

namespace shunt::process {

/// Linux 5.3 or later. Ignores SIGPIPE in this program if nobody has decided about it. Has no state of its own.
class Posix : public Spawner {
 public:
  Posix();
  Task<Result<Finished>> run(Command command) override;
};

}  // namespace shunt::process
