#include "deploy/confirm_end.hpp"

#include <fmt/format.h>

#include "steps/look.hpp"

namespace shunt::deploy {

Task<Outcome> confirm_end(steps::Stage stage, effects::Scope scope, Value* confirmed) {
  const auto& deployment = stage.deployment;
  Outcome nothing;
  for (const auto& service : deployment.service_names()) {
    if (deployment.proxied(service) == nullptr) continue;
    Outcome view = co_await steps::observe(stage, scope, service);
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
