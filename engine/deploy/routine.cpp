#include "deploy/routine.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "steps/look.hpp"
#include "steps/move.hpp"

namespace shunt::deploy {

namespace {

using effects::Scope;
using steps::Stage;

Task<Outcome> one_by_one(Scope scope, std::vector<Call> calls) {
  Outcome done;
  for (auto& call : calls) {
    done = co_await scope.perform(std::move(call));
    if (!done.ok()) break;
  }
  co_return std::move(done);
}

Task<bool> runs_already(Stage stage, Scope scope, std::vector<std::string> runs) {
  std::size_t wanted = 0;
  for (const auto& service : stage.deployment.next.services)
    if (!service.singleton) wanted += service.places.size();
  Call list("instances.list", {{"color", name_of(stage.deployment.to)}});
  Outcome found = co_await scope.perform(std::move(list));
  if (!found.ok() || found.value.size() < wanted) co_return false;
  for (const auto& instance : found.value)
    if (instance["state"] != "running" || std::find(runs.begin(), runs.end(), instance["run"]) == runs.end())
      co_return false;
  co_return true;
}

// The target runs, is ready and passes its smoke tests before any traffic moves.
Task<Outcome> perform_go_back(Stage stage, Scope scope, Value args) {
  // An older shunt wrote down one.
  auto runs = args.value("runs", std::vector<std::string>{args.value("run", "")});
  const auto over_ms = args.value("over_ms", std::int64_t{0});
  const bool warm = co_await runs_already(stage, scope, std::move(runs));
  std::vector<Call> calls;
  if (!warm) {
    scope.announce(Event("warning", {{"message", fmt::format("{} does not run any more; it is started and proven first",
                                                             stage.deployment.next.version)}}));
    calls.emplace_back("launch");
  }
  calls.emplace_back("await_healthy");
  calls.emplace_back("smoke_test");
  calls.push_back(over_ms > 0 ? Call("go_back_gradually", {{"over_ms", over_ms}}) : Call("shift", {{"percent", 100}}));
  if (!args.value("keeps_left", false)) calls.push_back(Call("retire_old", {{"hold_ms", 0}}));
  Outcome done = co_await one_by_one(scope, std::move(calls));
  co_return std::move(done);
}

Task<Outcome> perform_bring_back(Stage stage, Scope scope, Value) {
  const Value live = {{"color", name_of(stage.deployment.to)}};
  std::vector<Call> calls;
  for (const auto* verb : {"revive", "swap_singletons", "await_healthy", "smoke_test"}) calls.emplace_back(verb, live);
  calls.push_back(Call("shift", {{"percent", 100}}));
  Outcome done = co_await one_by_one(scope, std::move(calls));
  co_return std::move(done);
}

Task<Outcome> perform_retire(Stage stage, Scope scope, Value args) {
  std::vector<Call> calls;
  if (args.value("runs", true)) calls.push_back(Call("retire", {{"color", name_of(stage.deployment.from())}}));
  if (args.contains("in_use")) {
    for (const auto& service : stage.deployment.next.services) {
      if (!service.prepares) continue;
      calls.push_back(Call("instances.prune", {{"service", service.name},
                                               {"color", name_of(stage.deployment.to)},
                                               {"in_use", args["in_use"]},
                                               {"earlier", args["earlier"]}}));
    }
  }
  Outcome done = co_await one_by_one(scope, std::move(calls));
  co_return std::move(done);
}

// It answers at its address, does what its smoke tests want, and is what answers through the proxy.
Task<Outcome> prove_serving(Stage stage, Scope scope) {
  std::vector<Call> calls = {Call("await_healthy"), Call("smoke_test")};
  Outcome done = co_await one_by_one(scope, std::move(calls));
  if (!done.ok()) co_return std::move(done);
  const auto colour = stage.deployment.to;
  for (const auto& service : steps::chosen_with_proxy(stage, Value::object())) {
    done = co_await steps::observe(stage, scope, service);
    if (!done.ok()) co_return std::move(done);
    done = co_await steps::verify(stage, scope, service, colour, true, steps::Purpose::deploy);
    if (!done.ok()) co_return std::move(done);
  }
  co_return std::move(done);
}

Task<Outcome> perform_take_over(Stage stage, Scope scope, Value args) {
  Outcome done;
  for (const auto& service : stage.deployment.next.services)
    for (const auto& place : service.places) {
      const Value seat = {{"service", service.name}, {"color", name_of(stage.deployment.to)}, {"index", place.index}};
      scope.register_undo(effects::Undo(effects::Tier::clean_up, Call("instances.disown", seat)));
      Call adopt("instances.adopt", seat);
      adopt.args["may_stop"] = args.value("may_stop", false);
      done = co_await scope.perform(std::move(adopt));
      if (!done.ok()) co_return std::move(done);
    }
  done = co_await prove_serving(stage, scope);
  co_return std::move(done);
}

}  // namespace

Value go_back_to(const std::vector<std::string>& runs, std::int64_t over_ms, bool keeps_left) {
  return {{"name", "go back"}, {"runs", runs}, {"over_ms", over_ms}, {"keeps_left", keeps_left}};
}
Value bring_back() {
  return {{"name", "bring back"}};
}
Value retire_idle(bool runs, const Wanted& wanted) {
  return {{"name", "retire idle"}, {"runs", runs}, {"in_use", wanted.in_use}, {"earlier", wanted.earlier}};
}
Value take_over(bool may_stop) {
  return {{"name", "take over"}, {"may_stop", may_stop}};
}
Value finish_retiring() {
  return {{"name", "finish retiring"}};
}

Body body_of(const Value& routine, steps::Stage stage) {
  using Routine = Task<Outcome> (*)(Stage, Scope, Value);
  static const std::map<std::string, Routine> all = {
      {"go back", perform_go_back},     {"bring back", perform_bring_back},  {"retire idle", perform_retire},
      {"take over", perform_take_over}, {"finish retiring", perform_retire},
  };
  const auto perform = all.at(routine.value("name", ""));
  return [perform, stage, routine](Scope scope) { return perform(stage, std::move(scope), routine); };
}

}  // namespace shunt::deploy
