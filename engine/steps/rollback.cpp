// Going back: hooks are data, performed tier by tier; traffic first, and only to what has been proven.
#include <fmt/format.h>
#include <algorithm>

#include "config/planted.hpp"
#include "steps/look.hpp"
#include "steps/move.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

// What became of every hook; ends up in the report, and before an operator if anything is left.
class HookList {
 public:
  explicit HookList(const std::vector<Undo>& hooks) : items_(effects::listed(hooks)) {}

  void record(std::size_t index, const Outcome& outcome) {
    items_[index]["state"] = outcome.ok() ? "done" : "failed";
    if (outcome.error) items_[index]["error"] = to_value(*outcome.error);
  }

  Value items() const { return items_; }

  bool all_done() const {
    return std::all_of(items_.begin(), items_.end(), [](const Value& item) { return item["state"] == "done"; });
  }

 private:
  Value items_;
};

std::vector<std::size_t> in_tier(const std::vector<Undo>& hooks, Tier tier) {
  std::vector<std::size_t> indexes;
  for (std::size_t i = hooks.size(); i-- > 0;)
    if (hooks[i].tier == tier) indexes.push_back(i);
  return indexes;
}

Error unfinished(const Value& hooks) {
  std::string left;
  for (const auto& hook : hooks)
    if (hook["state"] != "done")
      left += fmt::format("{}{} ({})", left.empty() ? "" : ", ", hook["verb"].get<std::string>(),
                          hook["state"].get<std::string>());
  Error error("SH1916", Kind::adapter, fmt::format("the rollback could not do everything: {}", left),
              "mend what the errors name, then `shunt resume` tries the rest again");
  error.evidence = {{"hooks", hooks}};
  return error;
}

// The old colour was stopped before the new one started: the new one must make room first.
Task<Outcome> clear_the_way(Stage stage, Scope scope) {
  const auto colour = stage.deployment.to;
  for (const auto& service : chosen_with_proxy(stage, Value::object())) {
    Outcome view = co_await observe(stage, scope, service);
    if (!view.ok()) co_return std::move(view);
    Weights lowered = weights_in(view.value, "weights");
    if (lowered[colour] == 0) continue;
    lowered[colour] = 0;
    Call set("proxy.set", {{"service", service}, {"blue", lowered.blue}, {"green", lowered.green}});
    Outcome applied = co_await patiently(scope, std::move(set), stage.deployment.rollback_timeout_ms / 4);
    if (!applied.ok()) co_return std::move(applied);
  }
  Call retire("retire", {{"color", name_of(colour)}});
  Outcome retired = co_await scope.perform(std::move(retire));
  co_return std::move(retired);
}

// The tail of what the new version said, before it is gone.
Task<Value> output_of_new(Stage stage, Scope scope) {
  Value output = Value::object();
  for (const auto& service : stage.deployment.next.services) {
    Call logs("instances.logs", {{"service", service.name}, {"color", name_of(stage.deployment.to)}, {"lines", 20}});
    Outcome tail = co_await scope.perform(std::move(logs));
    if (tail.ok() && tail.value.is_object()) output.update(tail.value);
  }
  co_return std::move(output);
}

Task<bool> perform_all(Scope scope, const std::vector<Undo>* hooks, std::vector<std::size_t> indexes, HookList* list) {
  bool fine = true;
  for (const auto index : indexes) {
    Call call = (*hooks)[index].call;
    Outcome outcome = co_await scope.perform(std::move(call));
    list->record(index, outcome);
    fine = fine && outcome.ok();
  }
  co_return fine;
}

// Target tier: what traffic returns to must run and be ready before any of it moves.
Task<Outcome> prove_target(Stage stage, Scope scope, bool was_stopped) {
  Outcome done;
  if (was_stopped) {
    done = co_await clear_the_way(stage, scope);
    if (!done.ok()) co_return std::move(done);
  }
  if (stage.deployment.first || is_planted("target not proven")) co_return std::move(done);
  Call revive("revive", {{"color", name_of(stage.deployment.from())}});
  done = co_await scope.perform(std::move(revive));
  co_return std::move(done);
}

}  // namespace

namespace {

// Where nobody served before there is nobody to confirm: the weights are simply put back.
Task<Outcome> restore_one(Stage stage, Scope scope, Target target) {
  Outcome done = co_await observe(stage, scope, target.service);
  if (!done.ok()) co_return std::move(done);
  const auto old = stage.deployment.from();
  if (stage.deployment.first || target.weights[old] == 0) {
    Call set("proxy.set",
             {{"service", target.service}, {"blue", target.weights.blue}, {"green", target.weights.green}});
    done = co_await scope.perform(std::move(set));
    co_return std::move(done);
  }
  std::vector<Target> one = {target};
  done = co_await move(stage, scope, std::move(one), old, Purpose::go_back);
  co_return std::move(done);
}

}  // namespace

// Shares as they were: each service is tried once before any is tried again.
Task<Outcome> restore(Stage stage, Scope scope, Value args) {
  std::vector<Target> open;
  const Value found = args.value("shares", Value::object());
  for (const auto& [service, shares] : found.items())
    open.emplace_back(service, Weights(shares.value("blue", 0), shares.value("green", 0)));
  const auto deadline = scope.now() + stage.deployment.rollback_timeout_ms;
  Outcome last;
  std::int64_t pause = 50;
  while (!open.empty()) {
    std::vector<Target> left;
    for (const auto& target : open) {
      last = co_await restore_one(stage, scope, target);
      if (last.error && last.error->control) co_return std::move(last);
      if (!last.ok()) left.push_back(target);
    }
    open = std::move(left);
    if (open.empty() || scope.now() >= deadline) break;
    Call sleep("clock.sleep", {{"duration_ms", pause}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
    pause = std::min<std::int64_t>(pause * 2, 5'000);
  }
  if (!open.empty()) co_return std::move(last);
  Outcome nothing;
  co_return std::move(nothing);
}

Task<Outcome> rollback(Stage stage, Scope scope, Value) {
  stage.facts.rolling_back = true;
  const std::vector<Undo> hooks = stage.journal.hooks();
  HookList list(hooks);
  const auto targets = in_tier(hooks, Tier::target);
  if (is_planted("clean-up before traffic")) co_await perform_all(scope, &hooks, in_tier(hooks, Tier::clean_up), &list);
  const auto traffic_hooks = in_tier(hooks, Tier::traffic);
  Value output;
  if (!targets.empty() || !traffic_hooks.empty()) {
    Outcome proven = co_await prove_target(stage, scope, !targets.empty());
    for (const auto index : targets) list.record(index, proven);
    if (!proven.ok()) {
      Error error("SH1917", Kind::unhealthy, "the version to go back to cannot be proven, so traffic stays where it is",
                  "mend the old version or the new one, then `shunt resume` or `shunt repair --accept`");
      error.cause = std::make_shared<const Error>(*proven.error);
      error.evidence = {{"hooks", list.items()}};
      Outcome no(std::move(error));
      co_return std::move(no);
    }
    const bool back = co_await perform_all(scope, &hooks, traffic_hooks, &list);
    if (!back) {
      Outcome no(unfinished(list.items()));
      co_return std::move(no);
    }
  }
  co_await perform_all(scope, &hooks, in_tier(hooks, Tier::capacity), &list);
  co_await perform_all(scope, &hooks, in_tier(hooks, Tier::data), &list);
  output = co_await output_of_new(stage, scope);
  co_await perform_all(scope, &hooks, in_tier(hooks, Tier::clean_up), &list);
  if (!list.all_done()) {
    Outcome no(unfinished(list.items()));
    no.error->evidence["output"] = output;
    co_return std::move(no);
  }
  Outcome done(Value{{"hooks", list.items()}, {"output", output}});
  co_return std::move(done);
}

}  // namespace shunt::steps
