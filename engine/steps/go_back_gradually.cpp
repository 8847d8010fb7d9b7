// A rollback in steps: both versions are watched, the one that traffic goes to and the one that it leaves.
#include <fmt/format.h>
#include <array>

#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

constexpr std::array<int, 4> shares = {10, 25, 50, 75};

Task<Outcome> watch_one(Scope scope, Colour colour, std::int64_t duration_ms) {
  Call soak("soak", {{"duration_ms", duration_ms}, {"color", name_of(colour)}});
  Outcome outcome = co_await scope.perform(std::move(soak));
  co_return std::move(outcome);
}

bool is_verdict(const Outcome& outcome) {
  return outcome.error && (outcome.error->kind == Kind::gate || outcome.error->kind == Kind::unhealthy);
}

// The first of the two that turns out bad ends the watch. `value.left_is_bad`: why there is no time to lose.
Task<Outcome> watch_both(Stage stage, Scope scope, std::int64_t duration_ms) {
  const std::array<Colour, 2> colours = {stage.deployment.to, stage.deployment.from()};
  const auto scopes = scope.split(colours.size());
  std::vector<effects::Piece> pieces;
  for (std::size_t i = 0; i < colours.size(); ++i)
    pieces.emplace_back(scopes[i].branch(), watch_one(scopes[i], colours[i], duration_ms));
  auto outcomes = co_await effects::together(scope.turns(), std::move(pieces));
  const bool left_is_bad = is_verdict(outcomes[1]);
  const std::string why = left_is_bad ? outcomes[1].error->message : "";
  Outcome first = effects::first_failure(std::move(outcomes));
  if (!left_is_bad || !is_verdict(first) || first.error->message != why) co_return std::move(first);
  Outcome hurry(Value{{"left_is_bad", why}});
  co_return std::move(hurry);
}

}  // namespace

Task<Outcome> go_back_gradually(Stage stage, Scope scope, Value args) {
  const auto pause_ms = args.value("over_ms", std::int64_t{0}) / static_cast<std::int64_t>(shares.size());
  Outcome done;
  for (const auto share : shares) {
    Call shift("shift", {{"percent", share}});
    done = co_await scope.perform(std::move(shift));
    if (!done.ok()) co_return std::move(done);
    done = co_await watch_both(stage, scope, pause_ms);
    if (!done.ok()) co_return std::move(done);
    if (!done.value.is_object() || !done.value.contains("left_is_bad")) continue;
    Value fields = {
        {"message", fmt::format("the version that is left has become worse, so all traffic goes back at once: {}",
                                done.value["left_is_bad"].get<std::string>())}};
    scope.announce(Event("warning", std::move(fields)));
    break;
  }
  Call all("shift", {{"percent", 100}});
  done = co_await scope.perform(std::move(all));
  co_return std::move(done);
}

}  // namespace shunt::steps
