#include "simulate/watch.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "effects/address.hpp"

namespace shunt::simulate {

namespace {

constexpr std::int64_t spare_ms = 60'000;  ///< for what is under way when a time is over

Colour colour_of(const Call& call) {
  return colour_named(call.args.value("color", "")).value_or(Colour::blue);
}

bool is_alive(const InstanceState& instance) {
  return instance.state != "exited";
}

}  // namespace

const std::vector<std::string>& properties() {
  static const std::vector<std::string> all = {
      "no-blackout",   "no-unproven-traffic", "no-early-stop", "one-version-at-the-end",
      "one-singleton", "rollback-restores",   "bounded",       "nothing-orphaned",
      "replay-equal"};
  return all;
}

Watch::Watch(World& world) : world_(world) {}

void Watch::note(const std::string& property, std::string what, Where place) {
  const auto known = std::any_of(violations_.begin(), violations_.end(),
                                 [&](const Violation& one) { return one.property == property; });
  if (known) return;
  Violation violation;
  violation.property = property;
  violation.what = std::move(what);
  violation.where = place.file.empty() && where ? where() : std::move(place);
  violation.call = world_.calls();
  violation.elapsed_ms = world_.elapsed_ms();
  violations_.push_back(std::move(violation));
}

std::string Watch::name_of_side(Colour colour) const {
  return colour == world_.deployment().to ? "the new version" : "the old version";
}

bool Watch::touched_since_read(const std::string& service) const {
  const auto read = read_.find(service);
  return world_.touched(service) > (read == read_.end() ? 0 : read->second);
}

bool Watch::reachable(const std::string& service) {
  const auto shares = world_.machine.effective(service);
  return std::any_of(both_colours.begin(), both_colours.end(),
                     [&](Colour one) { return shares[one] > 0 && world_.machine.is_ready(service, one); });
}

// Every instance was seen ready, and each smoke test was made there.
bool Watch::is_proven(const Service& service, Colour colour) const {
  for (const auto& instance : world_.machine.runtime.instances()) {
    if (instance.labels.service != service.name || instance.labels.color != colour) continue;
    if (instance.labels.run != world_.deployment().id) continue;  // it served before this deployment
    if (healthy_.count(instance.id) == 0) return false;
    const auto made = smoked_.find(instance.address);
    for (const auto& test : service.smoke)
      if (test.command.empty() && colour == world_.deployment().to &&
          (made == smoked_.end() || made->second.count(test.path) == 0))
        return false;
  }
  return true;
}

void Watch::before(const Call& call) {
  if (call.verb == "instances.stop") watch_stop(call);
  if (!is_step(call)) return;
  const auto told = world_.machine.proxies.find(call.args.value("service", ""));
  if (call.verb == "proxy.set" && told != world_.machine.proxies.end()) told_before_ = told->second->weights();
  for (const auto& [service, proxy] : world_.machine.proxies) reachable_before_[service] = reachable(service);
}

void Watch::after(const Call& call, const Outcome& outcome) {
  if (outcome.ok()) learn(call, outcome);
  if (!is_step(call)) return;
  if (call.verb == "proxy.set") watch_weights(call);
  if (call.verb == "instances.start") watch_singleton(call);
  if (exempt() || world_.deployment().first) return;
  for (const auto& [service, proxy] : world_.machine.proxies)
    if (confirmed_.count(service) != 0 && !touched_since_read(service) && reachable_before_[service] &&
        !reachable(service))
      note("no-blackout", fmt::format("after {} nobody answers for {}", call.verb, service));
}

void Watch::learn(const Call& call, const Outcome& outcome) {
  const std::string service = call.args.value("service", "");
  if (call.verb == "proxy.get") {
    read_[service] = world_.calls();
    const auto shares = world_.machine.effective(service);
    shares_before_.emplace(service, shares);
    if (shares.blue + shares.green > 0) confirmed_.insert(service);
  }
  if (call.verb == "instances.health") {
    const auto* spec = world_.deployment().service(service, colour_of(call));
    const auto index = call.args.value("index", std::size_t{0});
    if (spec == nullptr || index >= spec->places.size()) return;
    const auto& place = spec->places[index];
    if (outcome.value.value("ok", false)) healthy_.insert(place.id);
  }
  if (call.verb == "probe.http" && outcome.value.value("ok", false)) {
    const std::string url = call.args.value("url", "");
    for (const auto& one : world_.deployment().next.services)
      for (const auto& place : one.places)
        for (const auto& test : one.smoke)
          if (effects::smoke_probe(test, place.address).args.value("url", "") == url)
            smoked_[place.address].insert(test.path);
  }
}

void Watch::watch_weights(const Call& call) {
  const std::string service = call.args.value("service", "");
  for (const auto colour : both_colours) {
    const auto* spec = world_.deployment().service(service, colour);
    if (call.args.value(text_of(colour), 0) <= told_before_[colour]) continue;
    if (spec == nullptr || is_proven(*spec, colour)) continue;
    note("no-unproven-traffic",
         fmt::format("{} of {} gets traffic, and was not seen ready and smoke-tested", name_of_side(colour), service));
  }
}

void Watch::watch_stop(const Call& call) {
  const std::string service = call.args.value("service", "");
  const auto colour = colour_of(call);
  if (exempt() || world_.machine.proxies.count(service) == 0) return;
  const auto shares = world_.machine.effective(service);
  // Nobody takes over the share of what the new version does not have.
  const bool is_gone = world_.deployment().service(service, world_.deployment().to) == nullptr;
  if (shares[colour] > 0 && !is_gone && world_.machine.is_ready(service, colour) && !touched_since_read(service))
    note("no-early-stop", fmt::format("{} of {} is stopped while it gets {} % of the traffic", name_of_side(colour),
                                      service, shares[colour]));
}

void Watch::watch_singleton(const Call& call) {
  for (const auto colour : both_colours) {
    const auto* spec = world_.deployment().service(call.args.value("service", ""), colour);
    if (spec == nullptr || !spec->singleton) continue;
    const auto all = world_.machine.runtime.instances();
    const auto running = std::count_if(all.begin(), all.end(), [&](const InstanceState& one) {
      return one.labels.service == spec->name && is_alive(one);
    });
    if (running > static_cast<std::ptrdiff_t>(spec->places.size()))
      note("one-singleton", fmt::format("{} instances of the singleton {} run", running, spec->name));
  }
}

void Watch::at_end(const Ending& ending, const store::AppState& state, std::int64_t elapsed_ms) {
  const auto& deployment = world_.deployment();
  const auto limit = deployment.timeout_ms + deployment.rollback_timeout_ms + spare_ms;
  if (elapsed_ms > limit)
    note("bounded",
         fmt::format("it took {}, and may take {}", to_text(Milliseconds(elapsed_ms)), to_text(Milliseconds(limit))));
  if (ending.state.empty()) note("bounded", "it did not end");
  if (ending.state == "needs_operator" || ending.state.empty()) return;
  watch_shares_at_end(ending.state);
  watch_instances_at_end(ending.state, state);
}

// What happened after the proxy was last read nobody could know, and who does not answer gets nothing.
void Watch::watch_shares_at_end(const std::string& state) {
  const auto& deployment = world_.deployment();
  const bool succeeded = state == "succeeded";
  const auto serves = succeeded ? deployment.to : deployment.from();
  for (const auto& [service, proxy] : world_.machine.proxies) {
    if (touched_since_read(service) || !world_.machine.is_ready(service, serves)) continue;
    const auto shares = world_.machine.effective(service);
    const bool both = shares.blue > 0 && shares.green > 0;
    if (both) note("one-version-at-the-end", fmt::format("{} ends with both versions", service));
    if (deployment.service(service, serves) == nullptr || (deployment.first && !succeeded)) continue;
    if (shares[serves] == 100 || (!succeeded && shares == shares_before_[service])) continue;
    note(succeeded ? "one-version-at-the-end" : "rollback-restores",
         fmt::format("it ended {}, and {} has {} % of {}", state, name_of_side(serves), shares[serves], service));
  }
}

void Watch::watch_instances_at_end(const std::string& state, const store::AppState& recorded) {
  const auto& deployment = world_.deployment();
  const auto serves = state == "succeeded" ? deployment.to : deployment.from();
  const auto all = world_.machine.runtime.instances();
  for (const auto& instance : all) {
    const auto colour = instance.labels.color;
    if (colour == serves || !is_alive(instance)) continue;
    if (state == "succeeded" && recorded.colors.contains(text_of(colour))) continue;  // it is held
    note("nothing-orphaned", fmt::format("it ended {}, and {} still runs", state, instance.id));
  }
  if (state != "rolled_back" || deployment.first) return;
  for (const auto& service : deployment.prior.services)
    for (const auto& place : service.places) {
      const bool is_there = std::any_of(all.begin(), all.end(), [&](const InstanceState& one) {
        return one.id == place.id && is_alive(one) && one.labels.color == deployment.from();
      });
      if (!is_there) note("rollback-restores", fmt::format("it was rolled back, and {} does not run", place.id));
    }
}

}  // namespace shunt::simulate
