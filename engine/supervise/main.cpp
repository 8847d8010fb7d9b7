// shunt-supervise FOLDER: reads a Spec from standard input, starts it out of the reach of its caller, and writes to
// standard output what came of that: "started", or "failed" (a StartFailure). FOLDER is there for `ps`; the Spec says
// it, too.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "supervise/detach.hpp"
#include "supervise/keeper.hpp"
#include "supervise/lock.hpp"

namespace {

using namespace shunt::supervise;

/// Whether the spec file still names this start: `stop` removes it, a later start replaces it.
bool is_called_off(const Spec& spec) {
  const auto text = read_file(Paths{spec.folder}.spec());
  const auto asked = text ? decode(*text) : std::nullopt;
  return !asked || value_of(*asked, "ticket") != spec.ticket;
}

void supervise(const Spec& spec, int status) {
  const auto fail = [&](const char* stage) { report(status, StartFailure{stage, errno}.to_record()); };
  const Paths paths{spec.folder};
  const auto lock = Lock::take(paths.lock());
  if (!lock) return fail("lock");
  if (is_called_off(spec)) return fail("called-off");
  Log log(paths.log(), paths.old_log());
  if (log.descriptor() < 0) return fail("log");
  Keeper keeper(spec, log);
  if (const auto failure = keeper.start()) return report(status, failure->to_record());
  report(status, {{"started", "1"}});
  ::close(status);
  keeper.keep();
}

}  // namespace

int main() {
  drop_runner_marks();
  Record told = StartFailure{"spec", EINVAL}.to_record();
  if (const auto record = decode(read_to_end(STDIN_FILENO))) {
    const auto spec = Spec::from_record(*record);
    if (!spec.argv.empty()) told = run_detached([&](int status) { supervise(spec, status); });
  }
  report(STDOUT_FILENO, told);
  return value_of(told, "started").empty() ? 1 : 0;
}
