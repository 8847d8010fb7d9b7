#include "deploy/guard_rails.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "steps/look.hpp"
#include "steps/move.hpp"

namespace shunt::deploy {

namespace {

Colour colour_of(const Call& call, Colour otherwise) {
  return colour_named(call.args.value("color", "")).value_or(otherwise);
}

Error refusal(const char* code, std::string message, std::string remedy) {
  return {code, Kind::script, std::move(message), std::move(remedy)};
}

}  // namespace

std::optional<Error> GuardRails::refuse(const Call& call) {
  if (auto no = refuse_stranger(call)) return no;
  if (call.verb == "proxy.set") return refuse_weights(call);
  if (call.verb == "instances.stop") return refuse_stop(call);
  if (call.verb == "shift") return refuse_shift(call);
  if (call.verb == "retire_old") return refuse_retire_old();
  if (auto no = refuse_singleton(call)) return no;
  if (call.verb == "stop_old" && !deployment_.downtime)
    return refusal(
        "SH1325", "stop_old would take the app down, and this strategy does not say that it may",
        "write downtime = true in the strategy, or start the new version beside the old one with deploy:launch()");
  return std::nullopt;
}

// launch and retire of one service are what a script's instances.start and instances.stop come to.
std::optional<Error> GuardRails::refuse_singleton(const Call& call) const {
  if (call.verb != "launch" && call.verb != "retire") return std::nullopt;
  const std::string service = call.args.value("service", "");
  const auto* found = deployment_.service(service, deployment_.to);
  if (found == nullptr || !found->singleton) return std::nullopt;
  return refusal("SH1327", fmt::format("{} is a singleton, so it is not started or stopped by itself", service),
                 "deploy:shift(100) swaps singletons, once all traffic has moved");
}

// A step for a service that does not exist would do nothing and succeed: a soak that watches nobody.
std::optional<Error> GuardRails::refuse_stranger(const Call& call) const {
  const std::string service = call.args.value("service", "");
  if (service.empty()) return std::nullopt;
  const auto names = deployment_.service_names();
  if (std::find(names.begin(), names.end(), service) != names.end()) return std::nullopt;
  return Error("SH1905", Kind::config, fmt::format("there is no service '{}' here", service),
               fmt::format("the services are {}", fmt::join(names, ", ")));
}

std::optional<Error> GuardRails::unproven(const std::string& service, Colour colour) const {
  const auto* spec = deployment_.service(service, colour);
  if (spec == nullptr) return std::nullopt;
  const Seat seat{service, colour};
  const bool served_before =
      colour == deployment_.from() && !deployment_.first && !facts_.committed && !facts_.revivable;
  if (served_before && facts_.started.count(seat) == 0) return std::nullopt;
  if (facts_.healthy.count(seat) == 0)
    return refusal("SH1320",
                   fmt::format("{} of {} has not been seen healthy since its start, so it gets no traffic",
                               name_of(colour), service),
                   "wait for it first: local new = deploy:launch(); new:await_healthy()");
  if (!spec->smoke.empty() && facts_.smoked.count(seat) == 0 && colour == deployment_.to)
    return refusal("SH1320",
                   fmt::format("the smoke tests of {} have not passed since its start, so it gets no traffic", service),
                   "run them first: new:smoke_test()");
  return std::nullopt;
}

// A service that the new version does not have any more goes last: once every other one is on the new version.
bool GuardRails::may_vanish(const std::string& service, Colour colour) const {
  if (colour != deployment_.from() || deployment_.service(service, deployment_.to) != nullptr) return false;
  return std::all_of(deployment_.next.services.begin(), deployment_.next.services.end(), [&](const Service& one) {
    const auto known = facts_.proxies.find(one.name);
    return !one.has_proxy() || (known != facts_.proxies.end() && known->second.effective[deployment_.to] == 100);
  });
}

std::optional<Error> GuardRails::refuse_weights(const Call& call) const {
  const std::string service = call.args.value("service", "");
  const Weights wanted(call.args.value("blue", 0), call.args.value("green", 0));
  const auto known = facts_.proxies.find(service);
  const ProxyFacts proxy = known == facts_.proxies.end() ? ProxyFacts() : known->second;
  for (const auto colour : both_colours) {
    if (wanted[colour] > proxy.weights[colour] && !(facts_.rolling_back && deployment_.first)) {
      if (auto no = unproven(service, colour)) return no;
      if (colour == deployment_.to && !facts_.breach.empty() && !facts_.rolling_back)
        return refusal("SH1322", fmt::format("the new version gets no more traffic: {}", facts_.breach),
                       "let the error end the deployment, or soak again until the gates pass");
    }
    const bool takes_last = wanted[colour] == 0 && proxy.effective[colour] > 0 &&
                            (proxy.effective[other(colour)] == 0 || wanted[other(colour)] == 0);
    // Going back, nobody need answer where nobody answered before.
    const bool was_there = !deployment_.first && deployment_.service(service, deployment_.from()) != nullptr;
    // A proxy that knows no health shows its weights as shares; at a first deployment nobody is there before the start.
    const bool is_empty = deployment_.first && facts_.started.count({service, colour}) == 0;
    const bool allowed =
        deployment_.downtime || is_empty || (facts_.rolling_back && !was_there) || may_vanish(service, colour);
    if (takes_last && !allowed)
      return refusal("SH1323",
                     fmt::format("taking {} of {} out would leave nobody to answer", name_of(colour), service),
                     "raise the other colour first; the engine's own deploy:shift() does it in this order");
  }
  return std::nullopt;
}

std::optional<Error> GuardRails::refuse_stop(const Call& call) const {
  const std::string service = call.args.value("service", "");
  const auto colour = colour_of(call, deployment_.from());
  const auto known = facts_.proxies.find(service);
  if (deployment_.proxied(service) == nullptr) return std::nullopt;
  const Seat seat{service, colour};
  if (known == facts_.proxies.end() || !known->second.seen)
    return refusal("SH1321",
                   fmt::format("{} of {} may still get traffic: its proxy has not been read", name_of(colour), service),
                   "read it first: proxy.get");
  // What does not answer has no traffic, whatever weight its servers have.
  if (known->second.effective[colour] > 0)
    return refusal("SH1321",
                   fmt::format("{} of {} still gets {} % of the traffic, so it is not stopped", name_of(colour),
                               service, known->second.effective[colour]),
                   "shift the traffic away first: deploy:shift(100)");
  const bool untouched = facts_.started.count(seat) != 0 && facts_.had_traffic.count(seat) == 0;
  if (facts_.drained.count(seat) == 0 && !untouched && facts_.had_traffic.count(seat) != 0)
    return refusal("SH1324",
                   fmt::format("{} of {} has not been drained, so it is not stopped", name_of(colour), service),
                   "use deploy:retire_old() or instances.stop(), which drain first");
  return std::nullopt;
}

std::optional<Error> GuardRails::refuse_shift(const Call& call) const {
  const int percent = call.args.value("percent", call.args.value(text_of(deployment_.to), 100));
  if (percent <= 0) return std::nullopt;
  const std::string only = call.args.value("service", "");
  for (const auto& service : deployment_.next.services) {
    if (!service.has_proxy() || (!only.empty() && only != service.name)) continue;
    if (auto no = unproven(service.name, deployment_.to)) return no;
  }
  return std::nullopt;
}

std::optional<Error> GuardRails::refuse_retire_old() const {
  if (!facts_.breach.empty())
    return refusal("SH1322", fmt::format("the old version is not retired: {}", facts_.breach),
                   "let the error end the deployment, or soak again until the gates pass");
  for (const auto& [service, proxy] : facts_.proxies)
    if (proxy.seen && proxy.effective[deployment_.from()] > 0 && !deployment_.first &&
        deployment_.service(service, deployment_.to) != nullptr)
      return refusal("SH1321",
                     fmt::format("the old version of {} still gets {} % of the traffic, so it is not retired", service,
                                 proxy.effective[deployment_.from()]),
                     "shift the traffic away first: deploy:shift(100)");
  return std::nullopt;
}

void GuardRails::learn(const Call& call, const Outcome& outcome) {
  learn_proxy(call, outcome);
  learn_instances(call, outcome);
  learn_verdicts(call, outcome);
}

// Where a proxy had them already it was not told again; from now on they are what it shall have all the same.
void GuardRails::learn_restored(const Value& restored) {
  for (const auto& [service, shares] : restored.items()) {
    auto& known = facts_.proxies[service];
    known.told = Weights(shares.value("blue", 0), shares.value("green", 0));
    known.told_any = true;
    known.told_at_start = known.started;
  }
}

void GuardRails::learn_proxy(const Call& call, const Outcome& outcome) {
  if (!outcome.ok()) return;
  if (call.verb == "restore") return learn_restored(call.args["shares"]);
  if (call.verb != "proxy.get" && call.verb != "proxy.set") return;
  const std::string service = call.args.value("service", "");
  auto& proxy = facts_.proxies[service];
  if (call.verb == "proxy.set") {
    proxy.weights = Weights(call.args.value("blue", 0), call.args.value("green", 0));
    if (!call.args.value("mends", false)) {
      proxy.told = proxy.weights;
      proxy.told_any = true;
      proxy.told_at_start = proxy.started;
    }
  } else {
    proxy.weights = steps::weights_in(outcome.value, "weights");
    proxy.effective = steps::weights_in(outcome.value, "effective");
    proxy.started = outcome.value.value("started", std::int64_t{0});
    proxy.seen = true;
    proxy.pinned = outcome.value.value("pinned", "");
    proxy.sticky = outcome.value.value("sticky", false);
    proxy.cost = outcome.value.value("cost", "");
    if (proxy.told_any && steps::same_shares(proxy.weights, proxy.told)) proxy.told_at_start = proxy.started;
  }
  for (const auto colour : both_colours) {
    const bool reachable = proxy.effective[colour] > 0 || (call.verb == "proxy.set" && proxy.weights[colour] > 0);
    if (!reachable) continue;
    facts_.had_traffic.insert({service, colour});
    facts_.drained.erase({service, colour});
  }
}

void GuardRails::learn_instances(const Call& call, const Outcome& outcome) {
  const std::string service = call.args.value("service", "");
  if (call.verb == "instances.start") {
    const Seat seat{service, colour_of(call, deployment_.to)};
    facts_.started.insert(seat);
    facts_.healthy.erase(seat);
    facts_.smoked.erase(seat);
  }
  if (call.verb == "instances.stop") {
    const Seat seat{service, colour_of(call, deployment_.from())};
    facts_.healthy.erase(seat);
    facts_.smoked.erase(seat);
    if (deployment_.commits(service, seat.second) && !facts_.rolling_back && !facts_.revivable) facts_.committed = true;
  }
  if (call.verb == "drain" && outcome.ok()) {
    const auto colour = colour_of(call, deployment_.from());
    const auto names = call.args.value("services", deployment_.service_names());
    for (const auto& name : names) facts_.drained.insert({name, colour});
  }
}

void GuardRails::learn_verdicts(const Call& call, const Outcome& outcome) {
  const auto colour = colour_of(call, deployment_.to);
  // What ran all the time was seen ready; what had to be started again was awaited.
  if (call.verb == "revive" && outcome.ok())
    for (const auto& service : deployment_.side(colour_of(call, deployment_.from())).services)
      facts_.healthy.insert({service.name, colour_of(call, deployment_.from())});
  if (call.verb == "instances.health" && outcome.ok() && outcome.value.value("ok", false)) {
    const Seat seat{call.args.value("service", ""), colour};
    facts_.ready[{seat, call.args.value("index", 0)}] = outcome.value.value("started", std::int64_t{0});
  }
  if (call.verb == "await_healthy" || call.verb == "smoke_test") {
    if (!outcome.ok()) return;
    const std::string only = call.args.value("service", "");
    auto& seats = call.verb == "smoke_test" ? facts_.smoked : facts_.healthy;
    for (const auto& service : deployment_.side(colour).services)
      if (only.empty() || only == service.name) seats.insert({service.name, colour});
    if (call.verb == "await_healthy")
      for (const auto& [spot, started] : facts_.ready)
        if (spot.first.second == colour && (only.empty() || only == spot.first.first)) facts_.proven[spot] = started;
  }
  if (call.verb == "soak" && colour == deployment_.to) {
    if (outcome.ok()) facts_.breach.clear();
    if (outcome.error && outcome.error->kind == Kind::gate) facts_.breach = outcome.error->message;
  }
  if (call.verb == "check_gates" && outcome.ok())
    for (const auto& gate : outcome.value)
      if (gate.value("verdict", "") == "fail")
        facts_.breach = fmt::format("the gate '{}' failed", gate.value("name", ""));
  if (call.verb == "retire_old" && outcome.ok()) {
    facts_.retired = true;
    facts_.hold_ms = call.args.value("hold_ms", std::int64_t{0});
  }
}

}  // namespace shunt::deploy
