// The verb `plan`: the same strategy over the same waist, without any effect; then once more in a modelled world, which
// tells how long each step takes when nothing goes wrong.
#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <map>

#include "deploy/compose.hpp"
#include "deploy/load.hpp"
#include "deploy/machinery.hpp"
#include "deploy/situation.hpp"
#include "deploy/world.hpp"
#include "effects/plan.hpp"
#include "effects/verbs.hpp"
#include "simulate/trial.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

// Collects what would happen, in place of telling it.
class PlanReport : public Reporter {
 public:
  void report(const Event& event) override {
    const auto& fields = event.fields;
    if (event.name == "step") {
      if (fields["state"] == "begin") add(fields);
      depth_ += fields["state"] == "begin" ? 1 : -1;
    }
    if (event.name == "phase" && fields.value("state", "") == "begin")
      document["steps"].push_back({{"phase", fields["name"]}, {"nested", depth_}});
    if (event.name == "warning") document["notes"].push_back(fields["message"]);
  }

  Value document = {{"steps", Value::array()}, {"notes", Value::array()}};

 private:
  void add(const Value& fields) {
    const Call call(fields["step"].get<std::string>(), fields["args"]);
    document["steps"].push_back(
        {{"step", call.verb}, {"args", call.args}, {"nested", depth_}, {"class", name_of(effects::effect_of(call))}});
  }

  int depth_ = 0;
};

struct Recorded {
  store::AppState state;
  Side prior;
};

// What is recorded of the app; nothing where it was never deployed.
Result<Recorded> read_recorded(const Settings& settings, const std::string& app) {
  Recorded recorded;
  auto opened = store::open(state_folder(settings, app), store::Mode::read);
  if (!opened && opened.error().code == "SH1805") return recorded;
  if (!opened) return opened.error();
  const auto state = (*opened)->state();
  if (!state) return state.error();
  recorded.state = *state;
  if (!recorded.state.live) return recorded;
  auto prior = recorded_side(**opened, recorded.state, *recorded.state.live);
  if (!prior) return prior.error();
  recorded.prior = std::move(*prior);
  return recorded;
}

// Runs the strategy to its end; a plan has no deadline but that of its observations.
Outcome run_through(World& world, Machinery& machinery, Script& script, Value fields, Value options) {
  Outcome outcome;
  std::exception_ptr failure;
  bool ended = false;
  ScopePerformer performer(machinery.waist.root("0"));
  asio::co_spawn(machinery.turns.executor(), script.run(performer, std::move(fields), std::move(options)),
                 [&](std::exception_ptr thrown, Outcome came) {
                   failure = thrown;
                   outcome = std::move(came);
                   ended = true;
                 });
  world.loop().restart();
  machinery.turns.run();
  while (!ended && world.loop().run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  machinery.journal.before_waiting();
  return outcome;
}

// The k-th composite that the script calls is the k-th in the model, too.
void add_durations(Value& document, const Deployment& deployment,
                   std::function<Result<std::unique_ptr<Script>>()> load) {
  simulate::Subject subject;
  subject.deployment = deployment;
  subject.load = std::move(load);
  simulate::Trial trial(subject, {});
  const auto report = trial.run();
  if (report.ending.state != "succeeded") return;
  std::vector<const store::Entry*> begun;
  std::map<std::int64_t, std::int64_t> took;  // by index in the script's branch
  for (const auto& entry : trial.store().journal()) {
    const auto* verb = effects::find_verb(entry.verb);
    if (entry.branch != "0" || verb == nullptr || verb->sort != effects::Sort::composite) continue;
    if (entry.kind == "intent") begun.push_back(&entry);
    if (entry.kind == "intent") took[entry.index] = -entry.time;
    if (entry.kind != "intent") took[entry.index] += entry.time;
  }
  auto next = begun.begin();
  for (auto& step : document["steps"]) {
    if (!step.contains("step") || step["nested"] != 0 || next == begun.end() || step["step"] != (*next)->verb) continue;
    step["takes_ms"] = took[(*next++)->index];
  }
  document["takes_ms"] = report.elapsed_ms;
}

}  // namespace

Ending Engine::plan(const DeployRequest& request) {
  if (auto fine = check_version(request.version); !fine) return Ending(2, fine.error());
  auto app = load_app(request.app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  if (auto fine = check_window(app->window, wall_clock_ms()); !fine && !request.force) return Ending(2, fine.error());
  auto script = load_strategy(*app, request.strategy, scripts_, ScriptLimits());
  if (!script) return Ending(2, script.error());
  const auto options = options_for(**script, *app, options_in(request.options), !request.strategy.empty());
  if (!options) return Ending(2, options.error());
  auto recorded = read_recorded(settings_, app->name);
  if (!recorded) return Ending(exit_for(recorded.error()), recorded.error());
  auto deployment = compose(*app, request.version, recorded->state.live, recorded->prior, "plan");
  deployment.strategy = (*script)->info().name;
  deployment.downtime = (*script)->info().downtime;
  deployment.options = *options;

  World world(state_folder(settings_, app->name), settings_.helpers);
  effects::Fleet fleet(deployment, world.context(), registry_);
  if (auto fine = check_targets(fleet, recorded->state); !fine) return Ending(2, fine.error());
  if (auto fine = world.run(examine(fleet, recorded->state, true)); !fine)
    return Ending(exit_for(fine.error()), fine.error());
  effects::Plan planned(fleet);
  PlanReport report;
  Machinery machinery(deployment, planned, world.loop().get_executor(), nullptr, report, world.context().secrets);
  const auto outcome = run_through(world, machinery, **script, script_fields(deployment), *options);
  Ending ending(outcome.ok() ? 0 : 1);
  ending.error = outcome.error;
  ending.document = std::move(report.document);
  ending.document["version"] = request.version;
  ending.document["strategy"] = deployment.strategy;
  ending.document["first"] = deployment.first;
  ending.document["to"] = name_of(deployment.to);
  ending.document["from"] = deployment.first ? Value() : Value(deployment.prior.version);
  if (!outcome.ok()) return ending;
  add_durations(ending.document, deployment,
                [&] { return load_strategy(*app, request.strategy, scripts_, ScriptLimits()); });
  return ending;
}

}  // namespace shunt
