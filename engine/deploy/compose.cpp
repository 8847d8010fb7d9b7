#include "deploy/compose.hpp"

#include <fmt/format.h>
#include <fstream>

namespace shunt::deploy {

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

store::Release release_of(const Side& side, Colour colour, const std::string& run) {
  store::Release release;
  release.id = side.release;
  release.version = side.version;
  release.run = run;
  release.adopted = side.adopted;
  release.services = {{"color", name_of(colour)}, {"list", side.services}};
  return release;
}

store::Release new_release(const Deployment& deployment, const App& app, const std::string& bundle) {
  auto release = release_of(deployment.next, deployment.to, deployment.id);
  release.app_sha = app.sources.empty() ? "" : sha256(app.sources.front().text);
  release.bundle_sha = bundle;
  release.created = wall_clock_ms();
  return release;
}

Colour colour_of(const store::Release& release) {
  return colour_named(release.services.value("color", "blue")).value_or(Colour::blue);
}

Result<Side> side_of(store::Store& store, const std::string& release_id) {
  Side side;
  if (release_id.empty()) return side;
  const auto release = store.release(release_id);
  if (!release) return release.error();
  if (!*release)
    return Error("SH1926", Kind::adapter,
                 fmt::format("the release {} is recorded as live, but its description is missing", release_id),
                 "restore the state folder from a backup, or record what serves: `shunt repair --accept`");
  side.release = (*release)->id;
  side.version = (*release)->version;
  side.adopted = (*release)->adopted;
  side.services = (*release)->services.value("list", Services{});
  return side;
}

Result<Side> recorded_side(store::Store& store, const store::AppState& state, Colour colour) {
  const auto recorded = state.colors.find(text_of(colour));
  return side_of(store, recorded == state.colors.end() ? "" : recorded->value("release", ""));
}

Deployment compose(const App& app, const std::string& version, std::optional<Colour> live, Side prior,
                   const std::string& id) {
  Deployment deployment;
  deployment.id = id;
  deployment.app = app.name;
  deployment.first = !live;
  deployment.to = live ? other(*live) : Colour::blue;
  deployment.next.release = id;
  deployment.next.version = version;
  deployment.next.services = resolve(app, version, deployment.to);
  deployment.prior = std::move(prior);
  if (deployment.first) deployment.prior.services = resolve(app, version, deployment.from());
  deployment.metrics = app.metrics;
  deployment.metrics_config = app.metrics_config;
  deployment.gates = resolve_gates(app, version, deployment.to);
  deployment.checks = app.checks;
  deployment.channels = app.channels;
  deployment.timeout_ms = app.timeout_ms;
  deployment.rollback_timeout_ms = app.rollback_timeout_ms;
  deployment.folder = app.folder;
  return deployment;
}

Value script_fields(const Deployment& deployment) {
  Value fields = {{"app", deployment.app},
                  {"id", deployment.id},
                  {"version", deployment.next.version},
                  {"live", name_of(deployment.from())},
                  {"idle", name_of(deployment.to)},
                  {"services", Value::array()},
                  {"options", deployment.options}};
  if (!deployment.prior.version.empty()) fields["previous_version"] = deployment.prior.version;
  for (const auto& service : deployment.next.services) fields["services"].push_back(service.name);
  return fields;
}

store::Run row_for(const Deployment& deployment, const Claim& claim, const Settings& settings,
                   const std::string& reason) {
  store::Run row;
  row.id = deployment.id;
  row.verb = deployment.verb;
  row.strategy = deployment.strategy;
  row.version = deployment.next.version;
  row.reason = reason;
  row.by = settings.by;
  row.state = "running";
  row.release = deployment.verb == "deploy" ? deployment.next.release : "";
  row.boot_id = boot_id();
  row.engine_abi = engine_abi;
  row.epoch = claim.epoch();
  row.started = wall_clock_ms();
  row.inputs = to_value(deployment);
  row.report = Value::object();
  return row;
}

}  // namespace shunt::deploy
