#include "deploy/confirm_end.hpp"

#include <fmt/format.h>

#include "steps/look.hpp"

namespace shunt::deploy {

namespace {

constexpr std::int64_t usable_again_ms = 10'000;  ///< for a colour that has all the weight: its users wait

// What its proxy takes for down at this very moment, by a check of its own, has all the traffic nevertheless.
Task<Outcome> observe_end(steps::Stage stage, effects::Scope scope, std::string service) {
  const auto to = stage.deployment.to;
  Outcome view = co_await steps::observe(stage, scope, service);
  if (!view.ok()) co_return std::move(view);
  const auto weights = steps::weights_in(view.value, "weights");
  const bool has_all = weights[to] > 0 && weights[other(to)] == 0;
  if (has_all && steps::weights_in(view.value, "effective")[to] == 0)
    view = co_await steps::await_share(scope, service, to, usable_again_ms);
  co_return std::move(view);
}

}  // namespace

Task<Outcome> confirm_end(steps::Stage stage, effects::Scope scope, Value* confirmed) {
  const auto& deployment = stage.deployment;
  Outcome nothing;
  for (const auto& service : deployment.service_names()) {
    if (deployment.proxied(service) == nullptr) continue;
    Outcome view = co_await observe_end(stage, scope, service);
    if (!view.ok()) co_return std::move(view);
    const auto effective = steps::weights_in(view.value, "effective");
    (*confirmed)[service] = {
        {"blue", effective.blue}, {"green", effective.green}, {"proxy_started", view.value["started"]}};
    if (deployment.service(service, deployment.to) == nullptr || effective[deployment.to] == 100) continue;
    Outcome no(
        Error("SH1326", Kind::script,
              fmt::format("the strategy ended with {} % of {} on the new version", effective[deployment.to], service),
              "end with deploy:shift(100)"));
    co_return std::move(no);
  }
  co_return std::move(nothing);
}

Task<Outcome> confirm_gone(steps::Stage stage, effects::Scope scope) {
  const auto& deployment = stage.deployment;
  Call list("instances.list", {{"color", name_of(deployment.from())}});
  Outcome found = co_await steps::patiently(scope, std::move(list), steps::proxy_patience_ms);
  if (!found.ok() || found.value.empty()) co_return std::move(found);
  std::string ids;
  for (const auto& instance : found.value)
    if (instance.value("may_stop", true)) ids += (ids.empty() ? "" : ", ") + instance["id"].get<std::string>();
  Outcome nothing;
  if (ids.empty()) co_return std::move(nothing);
  Outcome no(Error("SH1920", Kind::adapter,
                   fmt::format("{} serves, but the old version was not retired whole: {} is still there",
                               deployment.next.version, ids),
                   fmt::format("mend what kept it, then `shunt resume {}` goes on retiring it", deployment.id)));
  co_return std::move(no);
}

}  // namespace shunt::deploy
