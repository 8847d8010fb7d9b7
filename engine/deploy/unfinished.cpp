#include "deploy/unfinished.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "deploy/bundle.hpp"
#include "deploy/compose.hpp"
#include "deploy/live_run.hpp"
#include "deploy/outside.hpp"
#include "deploy/play.hpp"
#include "deploy/routine.hpp"
#include "deploy/situation.hpp"
#include "deploy/survivors.hpp"

namespace shunt::deploy {

namespace {

constexpr int far_back = 200;

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

bool has_decision(const std::vector<store::Entry>& entries, const std::string& what) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const store::Entry& entry) { return entry.kind == "decision" && entry.verb == what; });
}

// Whether what it did can be done over again from its journal: it was begun by this engine, its script was not ended by
// force, nobody has gone back by its hooks already, and it did not end where only an operator could help.
bool may_replay(const store::Run& run, const std::vector<store::Entry>& entries, const std::string& library) {
  if (run.engine_abi != engine_abi || has_decision(entries, "killed") || has_decision(entries, "by hooks"))
    return false;
  if (!run.inputs.contains("routine") && run.inputs.value("library", "") != library) return false;
  return run.state != "needs_operator" || run.report.value("goes_on", false);
}

Error why_it_goes_back(const std::vector<store::Entry>& entries) {
  for (const auto& entry : entries)
    if (entry.kind == "decision" && entry.body.is_object() && entry.body.contains("error"))
      return error_from(entry.body["error"]);
  return {"SH1918", Kind::cancelled, "it was interrupted, and goes back", "deploy again when the cause is known"};
}

Error still_needs_operator(const store::Run& run) {
  const bool doubtful = !run.report.value("in_doubt", Value::array()).empty();
  return {"SH1927", Kind::adapter, fmt::format("the deployment {} of {} still needs an operator", run.id, run.version),
          doubtful ? fmt::format("see `shunt show {0}`; then say what was done: `shunt resolve {0} adopt`, `skip`, "
                                 "`retry` or `abandon`, with --reason",
                                 run.id)
                   : fmt::format("see `shunt show {0}`; then `shunt resume {0}` tries again, or `shunt repair` makes "
                                 "the world what the store says",
                                 run.id)};
}

void tell_edits(const LiveParts& parts) {
  for (const auto& file : edited_files(parts.store, parts.row)) {
    const auto message =
        fmt::format("{} has been changed since this deployment began; it goes on with the text it began with", file);
    Event event("warning", {{"message", message}, {"code", "SH1949"}});
    event.deployment = parts.row.id;
    event.time = wall_clock_ms();
    parts.reporter.report(event);
  }
}

Ending go_on(const LiveParts& parts, const std::vector<store::Entry>& entries, ScriptRuntime& scripts) {
  std::unique_ptr<Play> play;
  if (!parts.row.inputs.contains("routine")) {
    auto script = stored_script(parts.store, parts.row, scripts);
    if (!script) return Ending(3, script.error());
    play = std::make_unique<Play>(std::move(*script));
    tell_edits(parts);
  }
  LiveRun again(parts);
  auto& machinery = again.machinery();
  auto body = play ? play->body(machinery, parts.deployment) : body_of(parts.row.inputs["routine"], machinery.stage());
  return again.resume(entries, std::move(body));
}

}  // namespace

bool is_open(const store::Run& run) {
  return run.state == "running" || run.state == "waiting" || run.state == "rolling_back";
}

Result<std::vector<store::Run>> interrupted_runs(store::Store& store) {
  auto runs = store.runs(far_back);
  if (!runs) return runs.error();
  std::vector<store::Run> open;
  std::copy_if(runs->begin(), runs->end(), std::back_inserter(open), is_open);
  std::reverse(open.begin(), open.end());
  return open;
}

Ending settle(Claim& claim, const store::Run& run, const Tools& tools) {
  auto& store = claim.store();
  if (auto whole = store.verify(run.id); !whole) return Ending(3, whole.error());
  const auto entries = store.entries(run.id);
  if (!entries) return Ending(3, entries.error());
  const auto state = store.state();
  if (!state) return Ending(3, state.error());
  const auto deployment = deployment_from(run.inputs);
  World world(claim.folder(), tools.settings.helpers);
  {
    effects::Fleet fleet(deployment, world.context(), tools.registry);
    if (auto held = take_charge(world, fleet, claim); !held)
      return Ending(std::max(3, exit_for(held.error())), held.error());
  }
  claim.describe(run.id, "resume");
  if (auto over = settle_survivors(world, store, run.id, tools.reporter); !over) return Ending(3, over.error());
  auto row = run;
  row.epoch = claim.epoch();
  const LiveParts parts{world, tools.registry, store, tools.reporter, tools.settings, deployment, row, *state};
  if (may_replay(run, *entries, tools.scripts.library())) {
    auto ending = go_on(parts, *entries, tools.scripts);
    const bool differs = ending.error && ending.error->code == "SH1941";
    if (!differs || !was_aborted(store, run.id)) return ending;
  }
  LiveRun again(parts);
  if (had_committed(*entries, deployment)) {
    again.machinery().guard.facts().committed = true;  // whether or not there is anything left to stop
    return again.execute(body_of(finish_retiring(), again.machinery().stage()));
  }
  return again.roll_back_from(*entries, why_it_goes_back(*entries));
}

std::optional<Ending> clear_the_desk(Claim& claim, const Tools& tools) {
  const auto open = interrupted_runs(claim.store());
  if (!open) return Ending(3, open.error());
  for (const auto& run : *open) {
    auto ending = settle(claim, run, tools);
    if (ending.state != "succeeded" && ending.state != "rolled_back") return ending;
  }
  const auto runs = claim.store().runs(far_back);
  if (!runs) return Ending(3, runs.error());
  for (const auto& run : *runs) {
    if (run.state != "needs_operator") continue;
    Ending ending(3, still_needs_operator(run));
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
