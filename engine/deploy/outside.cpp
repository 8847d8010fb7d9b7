#include "deploy/outside.hpp"

#include <fmt/format.h>

#include "deploy/situation.hpp"

namespace shunt::deploy {

namespace {

constexpr const char* accepted = "accepted_unknown";

enum class Knowledge { known, unknown_run, lost_end };

struct Compared {
  Knowledge knowledge = Knowledge::known;
  std::int64_t last = 0;  ///< the last entry of that run
};

Result<Compared> look_up(store::Store& store, const Memory& memory) {
  Compared compared;
  const auto run = store.run(memory.run);
  if (!run) return run.error();
  if (!*run) {
    compared.knowledge = Knowledge::unknown_run;
    return compared;
  }
  if (memory.seq == 0 || (*run)->report.contains(accepted)) return compared;
  const auto entries = store.entries(memory.run);
  if (!entries) return entries.error();
  compared.last = entries->empty() ? 0 : entries->back().seq;
  if (memory.seq > compared.last) compared.knowledge = Knowledge::lost_end;
  return compared;
}

Error behind(const Memory& memory, const Compared& compared) {
  const auto shown = compared.knowledge == Knowledge::unknown_run
                         ? fmt::format(
                               "{} belongs to the run {}, of which this state folder knows nothing: it is an "
                               "old copy, or another copy of it went on",
                               memory.what, memory.run)
                         : fmt::format(
                               "{} was made by entry {} of the run {}, whose journal ends at entry {}: it lost "
                               "its end",
                               memory.what, memory.seq, memory.run, compared.last);
  Error error("SH1809", Kind::adapter, shown,
              "put the newer state folder back, or use the other copy; if there is none, `shunt repair --accept` takes "
              "this one for the whole truth");
  error.evidence = {{"what", memory.what}, {"run", memory.run}, {"seq", memory.seq}, {"last", compared.last}};
  return error;
}

bool holds_anything(store::Store& store) {
  const auto runs = store.runs(1);
  return runs && !runs->empty();
}

store::Run stand_in(const std::string& id, const std::string& by) {
  store::Run run;
  run.id = id;
  run.verb = "unknown";
  run.version = "?";
  run.by = by;
  run.state = "rolled_back";
  run.reason = "nothing is known of it: `repair --accept`";
  run.started = run.ended = wall_clock_ms();
  run.exit = 1;
  return run;
}

}  // namespace

Task<Remembered> remembered(effects::Fleet& fleet, std::vector<store::Driver> drivers) {
  Remembered found;
  const auto& app = fleet.deployment().app;
  for (const auto& driver : drivers) {
    if (driver.app != app || driver.run.empty()) continue;
    Memory memory;
    memory.what = fmt::format("what was done last to its proxy, from {},", driver.state);
    memory.run = driver.run;
    found.memories.push_back(std::move(memory));
  }
  auto instances = co_await fleet.instances();
  if (!instances) {
    found.error = instances.error();
    co_return std::move(found);
  }
  for (const auto& one : *instances) {
    if (one.labels.app != app || one.labels.run.empty()) continue;
    Memory memory;
    memory.what = one.pid == 0 ? one.id : fmt::format("{} (pid {})", one.id, one.pid);
    memory.run = one.labels.run;
    memory.seq = one.labels.seq;
    found.memories.push_back(std::move(memory));
  }
  co_return std::move(found);
}

Result<void> compare(store::Store& store, const std::vector<Memory>& memories) {
  if (!holds_anything(store)) return {};
  for (const auto& memory : memories) {
    const auto compared = look_up(store, memory);
    if (!compared) return compared.error();
    if (compared->knowledge != Knowledge::known) return behind(memory, *compared);
  }
  return {};
}

Result<void> take_targets(effects::Fleet& fleet, Claim& claim) {
  const auto targets = targets_of(fleet);
  if (!targets) return targets.error();
  return claim.take_targets(*targets);
}

Result<void> take_charge(World& world, effects::Fleet& fleet, Claim& claim) {
  if (auto taken = take_targets(fleet, claim); !taken) return taken;
  const auto found = world.run(remembered(fleet, claim.drivers()));
  if (found.error) return *found.error;
  return compare(claim.store(), found.memories);
}

Result<void> accept_outside(World& world, effects::Fleet& fleet, Claim& claim, const std::string& by) {
  auto& store = claim.store();
  const auto found = world.run(remembered(fleet, claim.drivers()));
  if (found.error) return *found.error;
  for (const auto& memory : found.memories) {
    const auto compared = look_up(store, memory);
    if (!compared) return compared.error();
    if (compared->knowledge == Knowledge::known) continue;
    auto run = store.run(memory.run);
    if (!run) return run.error();
    if (!*run) *run = stand_in(memory.run, by);
    (*run)->report[accepted] = true;
    if (auto saved = store.save(**run); !saved) return saved;
    if (auto kept = store.commit(); !kept) return kept;
  }
  return {};
}

}  // namespace shunt::deploy
