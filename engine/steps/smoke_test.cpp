#include <fmt/format.h>

#include "effects/address.hpp"
#include "steps/look.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

Error failed(const std::string& id, const SmokeTest& test, const Value& answer) {
  return Error("SH1313", Kind::unhealthy,
               fmt::format("the smoke test '{}' failed on {}: {}", test.name, id, answer.value("error", "")),
               "run it by hand against that address; the old version still serves")
      .with(answer);
}

// Where the runtime says that it listens now.
Task<Outcome> find_address(Scope scope, std::string service, Colour colour, Place place) {
  Call list("instances.list", {{"service", service}, {"color", name_of(colour)}});
  Outcome listed = co_await patiently(scope, std::move(list), proxy_patience_ms);
  if (!listed.ok()) co_return std::move(listed);
  for (const auto& instance : listed.value)
    if (instance.value("index", -1) == place.index && !instance.value("address", "").empty()) {
      Outcome where(instance.at("address"));
      co_return std::move(where);
    }
  Outcome no(Error("SH1313", Kind::unhealthy, fmt::format("{} listens nowhere, so it cannot be tested", place.id),
                   "read its output: `shunt logs`, or the tail in `shunt show`; the old version still serves"));
  co_return std::move(no);
}

}  // namespace

Task<Outcome> smoke_test(Stage stage, Scope scope, Value args) {
  const auto colour = colour_in(args, stage.deployment.to);
  int count = 0;
  for (const auto* service : running(stage, colour, args.value("service", "")))
    for (const auto& place : service->places) {
      std::string address = place.address;
      if (place.is_found_later() && !service->smoke.empty()) {
        Outcome found = co_await find_address(scope, service->name, colour, place);
        if (!found.ok()) co_return std::move(found);
        address = found.value.get<std::string>();
      }
      for (const auto& test : service->smoke) {
        Call probe = effects::smoke_probe(test, address);
        Outcome answer = co_await scope.perform(std::move(probe));
        if (!answer.ok()) co_return std::move(answer);
        if (!answer.value.value("ok", false)) {
          Outcome no(failed(place.id, test, answer.value));
          co_return std::move(no);
        }
        ++count;
      }
    }
  Outcome done(Value{{"passed", count}});
  co_return std::move(done);
}

Task<Outcome> run_checks(Stage stage, Scope scope, Value) {
  for (const auto& check : stage.deployment.checks) {
    Call probe("probe.command", {{"argv", check.command}, {"cwd", check.cwd}, {"timeout_ms", check.timeout_ms}});
    Outcome answer = co_await scope.perform(std::move(probe));
    if (!answer.ok()) co_return std::move(answer);
    if (answer.value.value("ok", false)) continue;
    Error error("SH1314", Kind::unhealthy,
                fmt::format("the check '{}' failed: {}", check.name, answer.value.value("error", "")),
                "mend what the check found; nothing was started");
    error.evidence = answer.value;
    Outcome no(std::move(error));
    co_return std::move(no);
  }
  Outcome done(Value{{"passed", stage.deployment.checks.size()}});
  co_return std::move(done);
}

}  // namespace shunt::steps
