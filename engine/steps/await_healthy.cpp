#include <fmt/format.h>
#include <algorithm>
#include <optional>
#include <utility>

#include "steps/health.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

constexpr int restarts_of_a_crash_loop = 5;

struct Patience {
  std::int64_t timeout_ms = 0;
  std::int64_t interval_ms = 0;
  int successes = 1;
};

Patience patience_of(const Service& service, const Value& args) {
  Patience patience;
  patience.timeout_ms = args.value("timeout_ms", service.health.timeout_ms);
  patience.interval_ms = args.value("interval_ms", service.health.interval_ms);
  patience.successes = args.value("successes", service.health.successes);
  return patience;
}

Error crash_loop(const std::string& id, const Value& answer) {
  return Error("SH1311", Kind::unhealthy,
               fmt::format("{} ends again and again ({} restarts, last exit status {})", id,
                           answer.value("restarts", 0), answer.value("exit_code", 0)),
               "read its output: `shunt logs`, or the tail in `shunt show`")
      .with(answer);
}

Error foreign_listener(const std::string& id, const Value& answer) {
  return Error("SH1312", Kind::unhealthy, fmt::format("{} is not what answers: {}", id, answer.value("error", "")),
               "end the other program, or give this service another port")
      .with(answer);
}

Error hopeless(const std::string& id, const Value& answer) {
  return Error("SH1316", Kind::unhealthy,
               fmt::format("{} can never be ready: {}", id, answer.value("error", "no answer")),
               "give the image a HEALTHCHECK, or health a path, tcp = true or a command")
      .with(answer);
}

Error not_ready(const std::string& id, std::int64_t timeout_ms, const Value& answer) {
  return Error(
             "SH1310", Kind::unhealthy,
             fmt::format("{} was not ready within {}: {}", id, to_text(Milliseconds(timeout_ms)),
                         answer.value("error", "no answer")),
             "read its output: `shunt logs`, or the tail in `shunt show`; raise health.timeout if it only needs longer")
      .with(answer);
}

// In the first seconds the looks are closer together than the interval, so that a quick start is noticed quickly.
Task<Outcome> await_one(Scope scope, std::string service, Colour colour, Place place, Patience patience) {
  const auto deadline = scope.now() + patience.timeout_ms;
  std::int64_t pause = std::min<std::int64_t>(patience.interval_ms, 25);
  int in_a_row = 0;
  std::int64_t started = 0;
  std::optional<int> restarts_before;
  for (;;) {
    const auto timeout_ms = std::max<std::int64_t>(patience.interval_ms, 1'000);
    Outcome answer = co_await look_at_instance(scope, service, colour, place.index, timeout_ms);
    if (!answer.ok()) co_return std::move(answer);
    if (answer.value.value("ok", false)) {
      // Good answers of two lives do not make a row.
      const auto since = answer.value.value("started", std::int64_t{0});
      if (since != std::exchange(started, since)) in_a_row = 0;
      if (++in_a_row >= patience.successes) co_return std::move(answer);
    } else {
      in_a_row = 0;
      if (answer.value.value("foreign", false)) {
        Outcome no(foreign_listener(place.id, answer.value));
        co_return std::move(no);
      }
      if (answer.value.value("hopeless", false)) {
        Outcome no(hopeless(place.id, answer.value));
        co_return std::move(no);
      }
      const int restarts = answer.value.value("restarts", 0);
      if (!restarts_before) restarts_before = restarts;
      if (restarts - *restarts_before >= restarts_of_a_crash_loop) {
        Outcome no(crash_loop(place.id, answer.value));
        co_return std::move(no);
      }
    }
    if (scope.now() >= deadline) {
      Outcome no(not_ready(place.id, patience.timeout_ms, answer.value));
      co_return std::move(no);
    }
    Call sleep("clock.sleep", {{"duration_ms", in_a_row > 0 ? patience.interval_ms : pause}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
    pause = std::min(patience.interval_ms, pause * 2);
  }
}

}  // namespace

Task<Outcome> await_healthy(Stage stage, Scope scope, Value args) {
  const auto colour = colour_in(args, stage.deployment.to);
  const std::string only = args.value("service", "");
  std::vector<std::pair<const Service*, Place>> all;
  for (const auto* service : running(stage, colour, only))
    for (const auto& place : service->places) all.emplace_back(service, place);
  const auto scopes = scope.split(all.size());
  std::vector<effects::Piece> pieces;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [service, place] = all[i];
    pieces.emplace_back(scopes[i].branch(),
                        await_one(scopes[i], service->name, colour, place, patience_of(*service, args)));
  }
  auto outcomes = co_await effects::together(scope.turns(), std::move(pieces));
  Outcome outcome = effects::first_failure(std::move(outcomes));
  co_return std::move(outcome);
}

}  // namespace shunt::steps
