#include "deploy/unfinished.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "deploy/run.hpp"
#include "deploy/situation.hpp"

namespace shunt::deploy {

namespace {

constexpr int far_back = 200;

bool is_open(const store::Run& run) {
  return run.state == "running" || run.state == "waiting" || run.state == "rolling_back";
}

// Once the old colour has begun to be stopped for good there is no way back by hooks.
bool had_committed(const std::vector<store::Entry>& entries, const Deployment& deployment) {
  bool committed = false;
  for (const auto& entry : entries) {
    if (entry.kind == "hook" && entry.verb == "revive") return false;
    if (entry.kind == "intent" && entry.verb == "instances.stop" && entry.branch.rfind("rollback", 0) != 0 &&
        deployment.commits(entry.args.value("service", ""),
                           colour_named(entry.args.value("color", "")).value_or(deployment.to)))
      committed = true;
  }
  return committed;
}

Task<Outcome> finish_retiring(effects::Scope scope, Colour old) {
  Call retire("retire", {{"color", name_of(old)}});
  Outcome outcome = co_await scope.perform(std::move(retire));
  co_return std::move(outcome);
}

}  // namespace

Result<std::vector<store::Run>> interrupted_runs(store::Store& store) {
  auto runs = store.runs(far_back);
  if (!runs) return runs.error();
  std::vector<store::Run> open;
  std::copy_if(runs->begin(), runs->end(), std::back_inserter(open), is_open);
  std::reverse(open.begin(), open.end());
  return open;
}

Ending settle(Claim& claim, const store::Run& run, const Registry& registry, const Settings& settings,
              Reporter& reporter) {
  auto& store = claim.store();
  if (auto whole = store.verify(run.id); !whole) return Ending(3, whole.error());
  const auto entries = store.entries(run.id);
  if (!entries) return Ending(3, entries.error());
  const auto state = store.state();
  if (!state) return Ending(3, state.error());
  World world(claim.folder(), settings.helpers);
  auto deployment = deployment_from(run.inputs);
  auto row = run;
  row.epoch = claim.epoch();
  effects::Fleet fleet(deployment, world.context(), registry);
  const auto targets = targets_of(fleet);
  if (!targets) return Ending(3, targets.error());
  if (auto taken = claim.take_targets(*targets); !taken) return Ending(exit_for(taken.error()), taken.error());
  claim.describe(run.id, "resume");
  Run again({world, registry, store, reporter, settings, deployment, row, *state});
  if (had_committed(*entries, deployment)) {
    const auto old = deployment.from();
    again.machinery().guard.facts().committed = true;  // whether or not there is anything left to stop
    return again.execute([old](effects::Scope scope) { return finish_retiring(std::move(scope), old); });
  }
  Error why("SH1918", Kind::cancelled, "it was interrupted, and goes back", "deploy again when the cause is known");
  for (const auto& entry : *entries)
    if (entry.kind == "decision" && entry.body.is_object() && entry.body.contains("error"))
      why = error_from(entry.body["error"]);
  return again.roll_back_from(*entries, why);
}

std::optional<Ending> clear_the_desk(Claim& claim, const Registry& registry, const Settings& settings,
                                     Reporter& reporter) {
  const auto open = interrupted_runs(claim.store());
  if (!open) return Ending(3, open.error());
  for (const auto& run : *open) {
    auto ending = settle(claim, run, registry, settings, reporter);
    if (ending.state != "succeeded" && ending.state != "rolled_back") return ending;
  }
  const auto runs = claim.store().runs(far_back);
  if (!runs) return Ending(3, runs.error());
  for (const auto& run : *runs) {
    if (run.state != "needs_operator") continue;
    Ending ending(
        3,
        Error("SH1927", Kind::adapter,
              fmt::format("the deployment {} of {} still needs an operator", run.id, run.version),
              fmt::format("see `shunt show {}`; then `shunt resume {}` tries again, or `shunt repair` makes the world "
                          "what the store says",
                          run.id, run.id)));
    ending.run = run.id;
    return ending;
  }
  return std::nullopt;
}

Result<void> close_needing_operator(store::Store& store, const std::string& how) {
  const auto runs = store.runs(far_back);
  if (!runs) return runs.error();
  for (auto run : *runs) {
    if (run.state != "needs_operator") continue;
    run.state = "rolled_back";
    run.report["closed_by"] = how;
    if (auto saved = store.save(run); !saved) return saved;
  }
  return store.commit();
}

}  // namespace shunt::deploy
