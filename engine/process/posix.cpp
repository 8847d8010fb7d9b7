#include "process/posix.hpp"

#include <memory>
#include <utility>

#include "loop/signals.hpp"
#include "process/identity.hpp"
#include "process/launch.hpp"
#include "process/running.hpp"

namespace shunt::process {

namespace {

using Completion = loop::Completion<Result<Finished>>;
using Abort = loop::Abort<Result<Finished>>;

Abort start(const Command& command, const Completion& completion) {
  auto child = launch(command);
  if (!child) {
    completion.succeed(std::move(child).error());
    return nullptr;
  }
  const auto stat = stat_of(child->pid);  // also of one that has ended already: it is not reaped yet
  const Identity identity{child->pid, stat ? stat->start_time : 0};
  const auto running = std::make_shared<Running>(command, std::move(child).value(), completion);
  if (command.started) command.started(identity);  // should it throw, the child goes with `running`
  running->begin();
  return [weak = std::weak_ptr(running)](const Completion&) {
    if (const auto alive = weak.lock()) alive->cancel();
  };
}

}  // namespace

Posix::Posix() {
  loop::ignore_broken_pipes();
}

Task<Result<Finished>> Posix::run(Command command) {
  auto shared = std::make_shared<const Command>(std::move(command));
  auto begin = [shared](const Completion& completion) { return start(*shared, completion); };
  return loop::suspend<Result<Finished>>(std::move(begin));
}

}  // namespace shunt::process
