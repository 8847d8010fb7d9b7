// After a crash: is the world still as the journal leaves it?
#include <fmt/format.h>
#include <algorithm>

#include "config/planted.hpp"
#include "steps/look.hpp"
#include "steps/move.hpp"
#include "steps/steps.hpp"

namespace shunt::steps {

namespace {

constexpr std::int64_t settle_pause_ms = 250;
constexpr std::int64_t settle_limit_ms = 10'000;
constexpr std::int64_t well_again_ms = 30'000;

// The shares that a service shall have now: what this run told its proxy, else what was recorded before it.
std::optional<Weights> wanted_shares(const Stage& stage, const std::string& service, const Value& recorded) {
  const auto known = stage.facts.proxies.find(service);
  if (known != stage.facts.proxies.end() && known->second.told_any) return known->second.told;
  const auto before = recorded.find(service);
  if (before == recorded.end()) return std::nullopt;
  return Weights(before->value("blue", 0), before->value("green", 0));
}

bool has_share(const Stage& stage, Colour colour, const Value& recorded) {
  for (const auto& service : chosen_with_proxy(stage, Value::object()))
    if (const auto shares = wanted_shares(stage, service, recorded); shares && (*shares)[colour] > 0) return true;
  return false;
}

bool was_started(const Stage& stage, Colour colour) {
  return std::any_of(stage.facts.started.begin(), stage.facts.started.end(),
                     [colour](const Seat& seat) { return seat.second == colour; });
}

// Who has a share must run again; so must whoever is on the way to one.
bool is_due(const Stage& stage, Colour colour, const Value& recorded) {
  if (has_share(stage, colour, recorded)) return true;
  const auto& facts = stage.facts;
  if (colour == stage.deployment.to) return was_started(stage, colour) && !facts.rolling_back;
  return facts.rolling_back && !stage.deployment.first && !facts.committed;
}

Error new_one_is_gone(const Stage& stage, const char* when, const Error& why) {
  Error error("SH1945", Kind::unhealthy,
              fmt::format("{} does not come up again after {}", stage.deployment.next.version, when),
              "read its output: `shunt logs`, or the tail in `shunt show`");
  error.cause = std::make_shared<const Error>(why);
  error.control = true;
  return error;
}

Task<Outcome> start_one(Scope scope, const Service* service, Colour colour, Place place) {
  Call look("instances.health", {{"service", service->name}, {"color", name_of(colour)}, {"index", place.index}});
  look.args["timeout_ms"] = 2'000;
  Outcome health = co_await patiently(scope, std::move(look), proxy_patience_ms);
  if (!health.ok()) co_return std::move(health);
  const std::string state = health.value.value("state", "");
  if (state == "running" || state == "starting" || state == "restarting") co_return std::move(health);
  Call start("instances.start", {{"service", service->name}, {"color", name_of(colour)}, {"index", place.index}});
  Outcome started = co_await patiently(scope, std::move(start), proxy_patience_ms);
  co_return std::move(started);
}

bool must_run(const Stage& stage, const Service& service, Colour colour) {
  if (service.singleton) return stage.facts.singletons_in.value_or(stage.deployment.from()) == colour;
  return colour == stage.deployment.from() || stage.facts.started.count({service.name, colour}) != 0;
}

// What had been proven is proven again.
Task<Outcome> prove_again(Scope scope, std::string service, Colour colour, bool was_healthy, bool was_smoked) {
  const Value seat = {{"color", name_of(colour)}, {"service", service}};
  Outcome done;
  if (was_healthy) {
    Call await("await_healthy", seat);
    done = co_await scope.perform(std::move(await));
  }
  if (done.ok() && was_smoked) {
    Call smoke("smoke_test", seat);
    done = co_await scope.perform(std::move(smoke));
  }
  co_return std::move(done);
}

// Every instance of the colour is started where it does not run, and proven again.
Task<Outcome> bring_up(Stage stage, Scope scope, Colour colour) {
  Outcome done;
  const auto before = stage.facts;
  const bool is_old = colour == stage.deployment.from();
  for (const auto& service : stage.deployment.side(colour).services) {
    if (!must_run(stage, service, colour)) continue;
    for (const auto& place : service.places) {
      done = co_await start_one(scope, &service, colour, place);
      if (!done.ok()) co_return std::move(done);
    }
  }
  for (const auto& service : stage.deployment.side(colour).services) {
    if (!must_run(stage, service, colour)) continue;
    const Seat seat{service.name, colour};
    done = co_await prove_again(scope, service.name, colour, is_old || before.healthy.count(seat) != 0,
                                before.smoked.count(seat) != 0);
    if (!done.ok()) co_return std::move(done);
  }
  co_return std::move(done);
}

Task<Outcome> bring_all_up(Stage stage, Scope scope, Value recorded) {
  Outcome done;
  for (const auto colour : {stage.deployment.from(), stage.deployment.to}) {
    if (!is_due(stage, colour, recorded)) continue;
    done = co_await bring_up(stage, scope, colour);
    if (done.ok()) continue;
    if (colour != stage.deployment.to || stage.facts.rolling_back || stage.facts.committed) co_return std::move(done);
    Outcome no(new_one_is_gone(stage, "the machine was restarted", *done.error));
    co_return std::move(no);
  }
  co_return std::move(done);
}

bool lies_between(const Weights& found, const Weights& a, const Weights& b) {
  if (same_shares(found, a) || same_shares(found, b)) return true;
  for (const auto colour : both_colours)
    if (found[colour] < std::min(a[colour], b[colour]) || found[colour] > std::max(a[colour], b[colour])) return false;
  return true;
}

// What a killed engine asked of the proxy may still be under way: the proxy is read until it stays as it is.
Task<Outcome> settled(Scope scope, std::string service) {
  const Call get("proxy.get", {{"service", service}});
  const auto deadline = scope.now() + settle_limit_ms;
  Outcome before = co_await patiently(scope, get, proxy_patience_ms);
  while (before.ok()) {
    Call sleep("clock.sleep", {{"duration_ms", settle_pause_ms}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
    Outcome now = co_await patiently(scope, get, proxy_patience_ms);
    const bool same = now.ok() && now.value["weights"] == before.value["weights"];
    before = std::move(now);
    if (same || scope.now() >= deadline) break;
  }
  co_return std::move(before);
}

// What was put right is known only once it was read.
Task<Outcome> read_again(Scope scope, std::string service) {
  Call get("proxy.get", {{"service", service}});
  Outcome view = co_await patiently(scope, std::move(get), proxy_patience_ms);
  co_return std::move(view);
}

/// A change of a proxy that shunt had asked for when it ended.
struct Doubt {
  Weights asked;
  bool is_redone = true;  ///< by whoever asked for it; otherwise it was a mend of an earlier life's
};

// Its last change is in doubt: it is made again, unless somebody else's is there.
Task<Outcome> look_at_doubtful(Stage stage, Scope scope, std::string service, Doubt doubt, Value recorded) {
  const auto wanted = wanted_shares(stage, service, recorded);
  const auto known = stage.facts.proxies[service];
  Outcome view = co_await settled(scope, service);
  if (!view.ok()) co_return std::move(view);
  const auto found = weights_in(view.value, "weights");
  const bool restarted = view.value.value("started", std::int64_t{0}) != known.started;
  const auto before = doubt.is_redone && known.seen ? known.weights : wanted.value_or(doubt.asked);
  const bool is_ours = restarted || lies_between(found, doubt.asked, before);
  Outcome nothing;
  if (is_ours && (doubt.is_redone || same_shares(found, before))) co_return std::move(nothing);
  Outcome done;
  if (is_ours) {
    done = co_await apply_again(scope, service, found, before);
  } else {
    done = co_await resolve_difference(scope, service, found, before, false);
  }
  if (done.ok()) done = co_await read_again(scope, service);
  co_return std::move(done);
}

Task<Outcome> look_at_one(Stage stage, Scope scope, std::string service, Value recorded, bool rebooted) {
  const auto wanted = wanted_shares(stage, service, recorded);
  const auto told = stage.facts.proxies[service];
  Call get("proxy.get", {{"service", service}});
  Outcome view = co_await patiently(scope, std::move(get), stage.deployment.rollback_timeout_ms / 4);
  if (!view.ok() || !wanted || same_shares(weights_in(view.value, "weights"), *wanted)) co_return std::move(view);
  Outcome nothing;
  const auto started = view.value.value("started", std::int64_t{0});
  const auto before = told.told_any ? told.told_at_start : recorded[service].value("proxy_started", std::int64_t{0});
  const bool restarted = rebooted || started != before;
  if (!told.told_any && weights_in(view.value, "effective") == *wanted) co_return std::move(nothing);
  if (!restarted && (stage.facts.rolling_back || stage.deployment.first)) co_return std::move(nothing);
  const auto found = weights_in(view.value, "weights");
  Outcome done = co_await resolve_difference(scope, service, found, *wanted, restarted);
  if (done.ok()) done = co_await read_again(scope, service);
  co_return std::move(done);
}

// How long whoever shall serve may take until its proxy calls it usable: alone, it lets users wait.
std::int64_t patience_for(const Stage& stage, const std::string& service, Colour colour, const Weights& told) {
  const auto limit = usable_limit(stage, service, colour, Purpose::deploy);
  return std::min(limit, told[other(colour)] > 0 ? well_again_ms : settle_limit_ms);
}

// What was confirmed before shunt ended may be gone: the next thing to do may be to send all requests there.
Task<Outcome> confirm_again(Stage stage, Scope scope, std::string service) {
  const auto& facts = stage.facts;
  const auto colour = facts.rolling_back ? stage.deployment.from() : stage.deployment.to;
  const auto known = facts.proxies.find(service);
  const auto told = known == facts.proxies.end() ? Weights() : known->second.told;
  Outcome nothing;
  if (told[colour] == 0 || stage.deployment.first || facts.committed) co_return std::move(nothing);
  const auto patience = patience_for(stage, service, colour, told);
  Outcome usable = co_await await_share(scope, service, colour, patience);
  if (usable.ok() || usable.error->code != "SH1511" || facts.rolling_back) co_return std::move(usable);
  Outcome no(new_one_is_gone(stage, "shunt had ended", *usable.error));
  co_return std::move(no);
}

}  // namespace

Task<Outcome> look_again(Stage stage, Scope scope, Value args) {
  const bool rebooted = args.value("rebooted", false);
  const Value recorded = args.value("shares", Value::object());
  const bool goes_back = args.value("cancelled", false) && !stage.facts.rolling_back;
  std::map<std::string, Doubt> doubtful;
  for (const auto& set : args.value("in_doubt", Value::array()))
    doubtful[set.value("service", "")] = {Weights(set.value("blue", 0), set.value("green", 0)),
                                          !set.value("abandoned", false)};
  Outcome done;
  if (is_planted("world not looked at again")) co_return std::move(done);
  if (rebooted) {
    done = co_await bring_all_up(stage, scope, recorded);
    if (!done.ok()) co_return std::move(done);
  }
  for (const auto& service : chosen_with_proxy(stage, Value::object())) {
    const auto asked = doubtful.find(service);
    if (asked != doubtful.end() && !rebooted) {
      done = co_await look_at_doubtful(stage, scope, service, asked->second, recorded);
    } else {
      done = co_await look_at_one(stage, scope, service, recorded, rebooted);
    }
    if (done.ok() && !goes_back) done = co_await confirm_again(stage, scope, service);
    if (!done.ok()) co_return std::move(done);
  }
  Outcome nothing;
  co_return std::move(nothing);
}

}  // namespace shunt::steps
