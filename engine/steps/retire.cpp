// Draining and stopping a colour.
#include <fmt/format.h>
#include <algorithm>

#include "steps/look.hpp"
#include "steps/move.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

constexpr std::int64_t quiet_ms = 1'000;          ///< a drain is over when nothing was in flight for this long
constexpr std::int64_t last_requests_ms = 5'000;  ///< for those whose clients had to be sent elsewhere

std::vector<std::string> services_in(const Stage& stage, const Value& args) {
  auto names = chosen(stage, args);
  const auto only = args.find("services");
  if (only == args.end()) return names;
  const auto list = only->get<std::vector<std::string>>();
  names.erase(
      std::remove_if(names.begin(), names.end(),
                     [&](const std::string& name) { return std::find(list.begin(), list.end(), name) == list.end(); }),
      names.end());
  return names;
}

// Lowers the colour where it still has a weight: refused while it is the only one that answers.
Task<Outcome> without_traffic(Stage stage, Scope scope, std::string service, Colour colour) {
  Outcome view = co_await observe(stage, scope, service);
  if (!view.ok()) co_return std::move(view);
  const auto weights = weights_in(view.value, "weights");
  const auto effective = weights_in(view.value, "effective");
  Outcome nothing;
  if (weights[colour] == 0) co_return std::move(nothing);
  // What the new version does not have any more is replaced by nobody, so nobody takes over its share.
  const bool is_gone =
      colour == stage.deployment.from() && stage.deployment.service(service, stage.deployment.to) == nullptr;
  if (effective[colour] > 0 && !is_gone) {
    Error error("SH1321", Kind::script,
                fmt::format("{} of {} still gets {} % of the traffic, so it is not stopped", name_of(colour), service,
                            effective[colour]),
                "shift the traffic away first: deploy:shift(100)");
    Outcome no(std::move(error));
    co_return std::move(no);
  }
  Weights lowered = weights;
  lowered[colour] = 0;
  Call set("proxy.set", {{"service", service}, {"blue", lowered.blue}, {"green", lowered.green}});
  Outcome applied = co_await patiently(scope, std::move(set), proxy_patience_ms);
  co_return std::move(applied);
}

// Counts until nothing was in flight for a second, or the time is over: { counted, in_flight }.
Task<Outcome> count_down(Scope scope, std::string service, Colour colour, std::int64_t limit_ms) {
  const auto deadline = scope.now() + limit_ms;
  std::int64_t quiet_since = -1;
  Value last;
  while (scope.now() < deadline) {
    Call count("proxy.in_flight", {{"service", service}, {"color", name_of(colour)}});
    Outcome in_flight = co_await scope.perform(std::move(count));
    if (in_flight.error && in_flight.error->control) co_return std::move(in_flight);
    last = in_flight.ok() ? in_flight.value.value("requests", Value()) : Value();
    if (last != 0) quiet_since = -1;
    if (last == 0 && quiet_since < 0) quiet_since = scope.now();
    if (last == 0 && scope.now() - quiet_since >= quiet_ms) {
      Outcome quiet(Value{{"counted", true}});
      co_return std::move(quiet);
    }
    const auto left = deadline - scope.now();
    const auto until_quiet = quiet_since < 0 ? std::int64_t{100} : quiet_ms - (scope.now() - quiet_since);
    Call sleep("clock.sleep",
               {{"duration_ms", std::max<std::int64_t>(1, std::min({until_quiet, left, std::int64_t{250}}))}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
  }
  Outcome over(Value{{"counted", false}, {"in_flight", last}});
  co_return std::move(over);
}

// Clients that a cookie keeps there come as long as they may: they are sent elsewhere, and what they asked last is
// answered.
Task<Outcome> close_to_clients(Scope scope, std::string service, Colour colour) {
  Call close("proxy.close", {{"service", service}, {"color", name_of(colour)}});
  Outcome closed = co_await patiently(scope, std::move(close), proxy_patience_ms);
  if (!closed.ok()) co_return std::move(closed);
  Outcome counted = co_await count_down(scope, std::move(service), colour, last_requests_ms);
  co_return std::move(counted);
}

Task<Outcome> drain_one(Stage stage, Scope scope, std::string service, Colour colour) {
  const auto* spec = stage.deployment.service(service, colour);
  const auto limit = spec == nullptr ? std::int64_t{30'000} : spec->drain_ms;
  const bool sticky = stage.facts.proxies[service].sticky;
  Outcome drained = co_await count_down(scope, service, colour, limit);
  if (drained.ok() && sticky) drained = co_await close_to_clients(scope, service, colour);
  if (!drained.ok() || drained.value["counted"] == true) co_return std::move(drained);
  const Value& last = drained.value["in_flight"];
  Value fields = {
      {"message",
       last.is_null()
           ? fmt::format("{} of {} was drained for the full {}: its requests in flight cannot be counted",
                         name_of(colour), service, to_text(Milliseconds(limit)))
           : fmt::format("{} requests were still in flight in {} of {} when the drain's limit of {} was over",
                         to_text(last), name_of(colour), service, to_text(Milliseconds(limit)))}};
  scope.announce(Event("warning", std::move(fields)));
  co_return std::move(drained);
}

bool must_drain(const Stage& stage, const std::string& service, Colour colour) {
  return stage.deployment.proxied(service) != nullptr && stage.facts.drained.count({service, colour}) == 0 &&
         (stage.facts.had_traffic.count({service, colour}) != 0 || stage.facts.started.count({service, colour}) == 0);
}

// The proxy is read once more before each stop, so that the guard rails judge by what it says now. Where it was
// restarted meanwhile, and has sent requests there, they are waited for.
Task<Outcome> still_quiet(Stage stage, Scope scope, std::string service, Colour colour) {
  constexpr int rounds = 3;  // after that the guard rails refuse the stop
  for (int round = 0;; ++round) {
    Outcome view = co_await observe(stage, scope, service);
    if (!view.ok() || round == rounds || !must_drain(stage, service, colour)) co_return std::move(view);
    Value names = Value::array({service});
    Call drain("drain", {{"color", name_of(colour)}, {"services", std::move(names)}});
    Outcome drained = co_await scope.perform(std::move(drain));
    if (!drained.ok()) co_return std::move(drained);
  }
}

Task<Outcome> stop_instances(Stage stage, Scope scope, std::string service, Colour colour) {
  Call list("instances.list", {{"service", service}, {"color", name_of(colour)}});
  Outcome found = co_await patiently(scope, std::move(list), proxy_patience_ms);
  if (!found.ok()) co_return std::move(found);
  for (const auto& instance : found.value) {
    if (!instance.value("may_stop", true) && instance.value("state", "") == "running") {
      Value fields = {
          {"message", fmt::format("{} is left running: it was adopted without --may-stop", instance.value("id", ""))}};
      scope.announce(Event("warning", std::move(fields)));
      continue;
    }
    if (stage.deployment.proxied(service) != nullptr) {
      Outcome quiet = co_await still_quiet(stage, scope, service, colour);
      if (!quiet.ok()) co_return std::move(quiet);
    }
    Call stop("instances.stop", {{"service", service}, {"color", name_of(colour)}, {"id", instance["id"]}});
    Outcome stopped = co_await patiently(scope, std::move(stop), proxy_patience_ms);
    if (!stopped.ok()) co_return std::move(stopped);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

}  // namespace

Task<Outcome> drain(Stage stage, Scope scope, Value args) {
  const auto colour = colour_in(args, stage.deployment.from());
  std::vector<std::string> names;
  for (const auto& service : services_in(stage, args))
    if (must_drain(stage, service, colour)) names.push_back(service);
  const auto scopes = scope.split(names.size());
  std::vector<effects::Piece> pieces;
  for (std::size_t i = 0; i < names.size(); ++i)
    pieces.emplace_back(scopes[i].branch(), drain_one(stage, scopes[i], names[i], colour));
  auto outcomes = co_await effects::together(scope.turns(), std::move(pieces));
  Outcome outcome = effects::first_failure(std::move(outcomes));
  co_return std::move(outcome);
}

namespace {

// Brings the colour to no traffic, and drains it. A drain is long: a proxy may be restarted meanwhile and forget, so it
// is read again at the end; `value` tells whether the colour had no traffic all the time.
Task<Outcome> drain_whole(Stage stage, Scope scope, std::vector<std::string> names, Colour colour) {
  for (const auto& service : names) {
    if (stage.deployment.proxied(service) == nullptr) continue;
    Outcome lowered = co_await without_traffic(stage, scope, service, colour);
    if (!lowered.ok()) co_return std::move(lowered);
  }
  Call drain_call("drain", {{"color", name_of(colour)}, {"services", names}});
  Outcome done = co_await scope.perform(std::move(drain_call));
  if (!done.ok()) co_return std::move(done);
  bool quiet = true;
  for (const auto& service : names) {
    if (stage.deployment.proxied(service) == nullptr) continue;
    Outcome view = co_await observe(stage, scope, service);
    if (!view.ok()) co_return std::move(view);
    quiet = quiet && !must_drain(stage, service, colour);
  }
  Outcome outcome{Value(quiet)};
  co_return std::move(outcome);
}

}  // namespace

// Everything of the colour: no traffic, drained to a counted zero, stopped, confirmed gone.
Task<Outcome> retire(Stage stage, Scope scope, Value args) {
  constexpr int rounds = 3;  // after that the guard rails refuse the stop
  const auto colour = colour_in(args, stage.deployment.from());
  auto names = services_in(stage, args);
  Outcome done;
  for (int round = 0; round < rounds; ++round) {
    done = co_await drain_whole(stage, scope, names, colour);
    if (!done.ok()) co_return std::move(done);
    if (done.value == true) break;
  }
  for (auto service = names.rbegin(); service != names.rend(); ++service) {
    done = co_await stop_instances(stage, scope, *service, colour);
    if (!done.ok()) co_return std::move(done);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

Task<Outcome> retire_old(Stage stage, Scope scope, Value args) {
  const auto hold = args.value("hold_ms", std::int64_t{0});
  Outcome outcome(Value{{"hold_ms", hold}});
  if (hold > 0 || stage.deployment.first) co_return std::move(outcome);
  Call call("retire", {{"color", name_of(stage.deployment.from())}});
  Outcome retired = co_await scope.perform(std::move(call));
  if (!retired.ok()) co_return std::move(retired);
  co_return std::move(outcome);
}

}  // namespace shunt::steps
