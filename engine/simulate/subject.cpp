#include "simulate/subject.hpp"

#include <fmt/format.h>

#include "deploy/compose.hpp"
#include "deploy/load.hpp"
#include "simulate/stand_in.hpp"
#include "simulate/test_bench.hpp"

namespace shunt::simulate {

namespace {

/// Less than a real deployment grants: a script that spins is found sooner, and always at the same instruction.
constexpr std::int64_t instructions = 5'000'000;

// What stands for the app file where there is none.
App nameless() {
  App app;
  app.folder = std::filesystem::current_path().string();
  return app;
}

// What a runtime would find out is settled beforehand: every instance has an address of its own.
void settle_addresses(Side& side, int network) {
  int machine = 0;
  for (auto& service : side.services)
    for (auto& place : service.places)
      if (place.is_found_later()) place.address = fmt::format("127.1.{}.{}:{}", network, ++machine, place.port);
}

Deployment deployment_of(const std::optional<App>& app, const Setting& setting) {
  if (!app) return stand_in(setting.version, setting.first);
  Side prior;
  if (!setting.first) {
    prior.release = "release-" + setting.previous;
    prior.version = setting.previous;
    prior.services = resolve(*app, setting.previous, Colour::blue);
  }
  auto deployment = deploy::compose(*app, setting.version, setting.first ? std::nullopt : std::optional(Colour::blue),
                                    std::move(prior), "simulated");
  deployment.channels.clear();
  settle_addresses(deployment.next, 1);
  settle_addresses(deployment.prior, 2);
  return deployment;
}

}  // namespace

Result<std::optional<App>> app_for(const std::filesystem::path& app_file, const Registry& registry,
                                   ScriptRuntime& scripts) {
  const auto found = deploy::find_app_file(app_file);
  if (!found && app_file.empty()) return std::optional<App>();
  if (!found) return found.error();
  auto app = deploy::load_app(*found, registry, scripts);
  if (!app) return app.error();
  return std::optional<App>(std::move(*app));
}

Result<Subject> make_subject(const std::optional<App>& app, const std::string& strategy, const Value& options,
                             const Setting& setting, ScriptRuntime& scripts) {
  const auto base = app ? *app : nameless();
  Subject subject;
  if (setting.covers) subject.coverage = std::make_shared<Coverage>();
  subject.load = [base, strategy, &scripts, coverage = subject.coverage] {
    ScriptLimits limits;
    limits.instructions = instructions;
    limits.coverage = coverage.get();
    return deploy::load_strategy(base, strategy, scripts, std::move(limits));
  };
  auto script = subject.load();
  if (!script) return script.error();
  auto all = deploy::options_for(**script, base, options, !strategy.empty());
  if (!all) return all.error();
  subject.deployment = deployment_of(app, setting);
  subject.deployment.strategy = (*script)->info().name;
  subject.deployment.downtime = (*script)->info().downtime;
  subject.deployment.options = std::move(*all);
  return subject;
}

Result<void> add_invariants(Subject& subject, const std::optional<App>& app, const std::string& strategy,
                            ScriptRuntime& scripts) {
  const std::filesystem::path folder = app ? app->folder : nameless().folder;
  auto name = strategy.empty() && app ? app->strategy : strategy;
  if (!name.ends_with(".lua")) return {};
  name = name.substr(0, name.size() - 4) + "_test.lua";
  std::error_code none;
  if (!std::filesystem::is_regular_file(folder / name, none)) return {};
  auto file = scripts.load_tests(name, deploy::files_in(folder, name), ScriptLimits());
  if (!file) return file.error();
  subject.tests = std::move(*file);
  subject.invariants = invariants_of(*subject.tests);
  return {};
}

}  // namespace shunt::simulate
