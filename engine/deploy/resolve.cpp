// The verb `resolve`: an operator decides what shunt cannot know.
#include <fmt/format.h>
#include <algorithm>

#include "deploy/compose.hpp"
#include "deploy/find_run.hpp"
#include "deploy/live_run.hpp"
#include "deploy/situation.hpp"
#include "deploy/unfinished.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

Error not_waiting(const store::Run& run) {
  return {
      "SH1946", Kind::config,
      fmt::format("{} needs no decision: it is {}", run.id, run.state.empty() ? "unknown" : run.state),
      is_open(run) ? fmt::format("`shunt resume {}` goes on with it", run.id) : "`shunt history` lists what there is"};
}

Error traffic_decides_itself(const std::string& hook, const std::string& run) {
  return {
      "SH1946", Kind::config, fmt::format("{} is about what serves, so it is looked at, not decided", hook),
      fmt::format("make it so by hand, then `shunt resolve {} retry`: what is as it should be counts as done", run)};
}

Error no_single_version(const Value& shares) {
  return Error("SH1947", Kind::adapter, "no single version serves, so it cannot be left like this",
               "send all traffic to one colour by hand, or let `shunt resolve ID retry` do it")
      .with({{"shares", shares}});
}

// What failed or was not tried of the rollback's hooks.
Result<Value> hooks_to_close(const store::Run& run) {
  Value closed = Value::array();
  for (const auto& hook : run.report.value("hooks", Value::array())) {
    if (hook.value("state", "") != "failed") continue;
    const std::string tier = hook.value("tier", "");
    if (tier == "target" || tier == "traffic") return traffic_decides_itself(hook.value("verb", ""), run.id);
    closed.push_back({{"verb", hook["verb"]}, {"args", hook["args"]}});
  }
  return closed;
}

store::Entry entry_of(const store::Run& run, const std::string& decision, const std::string& by,
                      const std::string& reason) {
  store::Entry entry;
  entry.run = run.id;
  entry.kind = "resolved";
  entry.verb = decision;
  entry.body = {{"decision", decision}, {"by", by}, {"reason", reason}};
  entry.time = wall_clock_ms();
  return entry;
}

// One entry for each Call in doubt; one for all the rest where none is.
Result<void> record(store::Store& store, const store::Run& run, const std::string& decision, const Settings& settings,
                    const std::string& reason) {
  const Value doubts = run.report.value("in_doubt", Value::array());
  if (doubts.empty()) {
    auto entry = entry_of(run, decision, settings.by, reason);
    if (decision != "retry" && !run.report.value("goes_on", false)) {
      auto hooks = hooks_to_close(run);
      if (!hooks) return hooks.error();
      entry.body["hooks"] = *hooks;
    }
    if (auto kept = store.append(std::move(entry)); !kept) return kept.error();
    return store.commit();
  }
  for (const auto& doubt : doubts) {
    auto entry = entry_of(run, decision, settings.by, reason);
    entry.branch = doubt.value("branch", "");
    entry.index = doubt.value("index", std::int64_t{0});
    if (auto kept = store.append(std::move(entry)); !kept) return kept.error();
  }
  return store.commit();
}

struct Serving {
  std::optional<Colour> colour;
  Value shares = Value::object();
  std::optional<Error> error;
};

Task<Serving> look_at_traffic(effects::Fleet& fleet) {
  Serving serving;
  bool mixed = false;
  for (const auto& service : fleet.deployment().service_names()) {
    if (fleet.deployment().proxied(service) == nullptr) continue;
    auto proxy = co_await fleet.current_proxy(service);
    if (!proxy) {
      serving.error = proxy.error();
      co_return std::move(serving);
    }
    auto view = co_await (*proxy)->observe();
    if (!view) {
      serving.error = view.error();
      co_return std::move(serving);
    }
    serving.shares[service] = {
        {"blue", view->effective.blue}, {"green", view->effective.green}, {"proxy_started", view->started}};
    for (const auto colour : both_colours) {
      if (view->effective[colour] == 0) continue;
      mixed = mixed || (serving.colour && *serving.colour != colour);
      serving.colour = colour;
    }
    mixed = mixed || view->effective.blue + view->effective.green == 0;
  }
  if (mixed) serving.colour.reset();
  co_return std::move(serving);
}

// Nothing more is performed; the store learns what serves.
Ending abandon(Claim& claim, store::Run run, const Tools& tools, const std::string& reason) {
  auto& store = claim.store();
  auto state = store.state();
  if (!state) return Ending(3, state.error());
  const auto deployment = deployment_from(run.inputs);
  World world(claim.folder(), tools.settings.helpers);
  effects::Fleet fleet(deployment, world.context(), tools.registry);
  const auto serving = world.run(look_at_traffic(fleet));
  if (serving.error) return Ending(3, *serving.error);
  if (!serving.colour && !serving.shares.empty()) return Ending(3, no_single_version(serving.shares));
  const bool forward = serving.colour == deployment.to;
  auto entry = entry_of(run, "abandon", tools.settings.by, reason);
  run.state = forward ? "succeeded" : "rolled_back";
  run.exit = forward ? 0 : 1;
  run.ended = wall_clock_ms();
  run.report["abandoned_by"] = tools.settings.by;
  run.report["serves"] = fmt::format("{} serves", deployment.side(forward ? deployment.to : deployment.from()).version);
  if (forward) {
    state->live = deployment.to;
    state->colors[text_of(deployment.to)] = {
        {"release", deployment.next.release}, {"version", deployment.next.version}, {"run", run.id}, {"hold_until", 0}};
  }
  state->shares.update(serving.shares);
  Result<void> saved;
  if (auto kept = store.append(std::move(entry)); !kept) saved = kept.error();
  if (auto release = store.release(run.release); saved && release && *release) {
    (*release)->ended = run.state;
    saved = store.save(**release);
  }
  if (saved) saved = store.save(*state);
  if (saved) saved = store.save(run);
  if (saved) saved = store.commit();
  if (!saved) return Ending(3, saved.error());
  Ending ending(run.exit, fmt::format("left as it is: {}", run.report["serves"].get<std::string>()));
  ending.run = run.id;
  ending.state = run.state;
  ending.document = run.report;
  return ending;
}

}  // namespace

Ending Engine::resolve(const std::filesystem::path& app_file, const std::string& id, const std::string& decision,
                       const std::string& reason) {
  const auto app = app_with_run(settings_, id, app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  auto claim = Claim::take(settings_, *app, "resolve " + id);
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  auto& store = claim->store();
  if (auto whole = store.verify(id); !whole) return Ending(3, whole.error());
  const auto run = store.run(id);
  if (!run) return Ending(3, run.error());
  if (!*run) return Ending(2, no_such_run(id));
  if ((*run)->state != "needs_operator") return Ending(5, not_waiting(**run));
  if (decision == "abandon") return abandon(*claim, **run, tools(), reason);
  if (auto recorded = record(store, **run, decision, settings_, reason); !recorded)
    return Ending(recorded.error().code == "SH1946" ? 2 : 3, recorded.error());
  return settle(*claim, **run, tools());
}

}  // namespace shunt
