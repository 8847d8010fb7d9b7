#include "deploy/survivors.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

#include "loop/sleep.hpp"
#include "process/survivors.hpp"

namespace shunt::deploy {

namespace {

constexpr Milliseconds first_pause{20};
constexpr Milliseconds longest_pause{500};

using Told = std::function<void(const process::Survivor&)>;

Error cannot_be_ended(const process::Survivor& survivor) {
  return {"SH1950", Kind::adapter,
          fmt::format("{} (pid {}), started before shunt was killed, still runs and cannot be ended", survivor.program,
                      survivor.identity.pid),
          fmt::format("end it (`kill -9 -{}`, as its user or root), then `shunt resume`", survivor.identity.pid)};
}

bool is_due(const process::Survivor& survivor, bool aborted) {
  return survivor.observes || aborted || wall_clock_ms() >= survivor.until;
}

Task<Result<void>> settle_all(store::Store& store, std::string run, Told tell) {
  Result<void> fine;
  auto pause = first_pause;
  for (auto found = process::survivors_of(run); !found.empty(); found = process::survivors_of(run)) {
    const bool aborted = was_aborted(store, run);
    for (const auto& survivor : found) {
      if (!is_due(survivor, aborted)) {
        tell(survivor);
        continue;
      }
      auto copy = survivor;
      const bool gone = co_await process::end(std::move(copy));
      if (gone) continue;
      fine = cannot_be_ended(survivor);
      co_return std::move(fine);
    }
    co_await loop::sleep(pause);
    pause = std::min(pause * 2, longest_pause);
  }
  co_return std::move(fine);
}

}  // namespace

bool was_aborted(store::Store& store, const std::string& run) {
  const auto messages = store.inbox(run);
  return messages && std::any_of(messages->begin(), messages->end(),
                                 [](const store::Message& one) { return one.verb == "abort" && !one.taken; });
}

Result<void> settle_survivors(World& world, store::Store& store, const std::string& run, Reporter& reporter) {
  std::set<pid_t> told;
  Told tell = [&](const process::Survivor& survivor) {
    if (!told.insert(survivor.identity.pid).second) return;
    const auto left = Milliseconds(survivor.until - wall_clock_ms());
    Event event("warning", {{"message", fmt::format("waits for {} (pid {}), which was started before shunt was killed: "
                                                    "up to {}, or until `shunt abort`",
                                                    survivor.program, survivor.identity.pid, to_text(left))}});
    event.deployment = run;
    event.time = wall_clock_ms();
    reporter.report(event);
  };
  std::string id = run;
  return world.run(settle_all(store, std::move(id), std::move(tell)));
}

}  // namespace shunt::deploy
