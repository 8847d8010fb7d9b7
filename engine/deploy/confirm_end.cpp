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

}  // namespace shunt::deploy
