#include "simulate/world.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "effects/verbs.hpp"

namespace shunt::simulate {

namespace {

constexpr std::int64_t slice_ms = 1'000;
constexpr int always_touched = std::numeric_limits<int>::max();
constexpr int killed = 137;  ///< exit code: ended by SIGKILL, as the kernel does when memory runs out

effects::Trouble trouble_named(const std::string& name) {
  if (name == "unreachable") return effects::Trouble::unreachable;
  if (name == "timeout") return effects::Trouble::timeout;
  if (name == "reply lost") return effects::Trouble::lost;
  if (name == "late") return effects::Trouble::late;
  return effects::Trouble::fail;
}

bool is_of(const Call& call, const std::string& group) {
  return call.verb == group ||
         (call.verb.size() > group.size() && call.verb.starts_with(group) && call.verb[group.size()] == '.');
}

// A value that the gate lets through, or one that it does not.
double value_for(const Gate* gate, bool good) {
  if (gate == nullptr) return 0;
  if (!good) return gate->max ? *gate->max + 1 + std::abs(*gate->max) : *gate->min - 1 - std::abs(*gate->min);
  if (gate->max && gate->min) return (*gate->max + *gate->min) / 2;
  if (gate->max) return std::min(*gate->max, 0.0);
  return std::max(*gate->min, 0.0);
}

}  // namespace

bool is_step(const Call& call) {
  const auto* found = effects::find_verb(call.verb);
  return found != nullptr && found->sort == effects::Sort::primitive &&
         effects::effect_of(*found, call.args) != EffectClass::observe;
}

World::World(const Deployment& deployment, std::uint64_t seed)
    : machine(deployment),
      fleet(deployment, machine.context(), machine.registry()),
      live(fleet, effects::Stamp{deployment.id, 1}),
      effects(live, machine.clock, seed),
      clients(machine, deployment),
      deployment_(deployment),
      random_(seed),
      mixes_(seed != 0),
      began_(machine.clock.now()) {
  effects.before = [this](const Call& call) { hear_before(call); };
  effects.after = [this](const Call& call, const Outcome& outcome) { hear_after(call, outcome); };
  effects.trouble = [this](const Call& call) { return trouble_for(call); };
  effects.latency = [this](const Call& call) { return latency_of(call); };
  effects.operator_says = [this](const Call&) { return answer; };
  live.listeners([this](const std::string& address) { return machine.listens(address); });
  machine.metrics.answer_with([this](const std::string& expression) { return reading(expression); });
}

void World::add(const Fault& fault) {
  if (fault.what == "fail" || fault.what == "down") troubles_.push_back({fault});
  if (fault.what == "delay") delays_.push_back({fault});
  if (fault.what == "fail" || fault.what == "down" || fault.what == "delay" || fault.what == "crash") return;
  if (!fault.args.contains("at_ms") && !fault.args.contains("after_step")) return happen(fault);
  happenings_.push_back({fault});
}

std::string World::service_in(const Fault& fault) const {
  return fault.args.value("service", deployment_.service_names().front());
}

Colour World::side_in(const Fault& fault) const {
  return fault.args.value("side", "new") == "new" ? deployment_.to : deployment_.from();
}

const Place* World::place_in(const Fault& fault) const {
  const auto* service = deployment_.service(service_in(fault), side_in(fault));
  const auto index = fault.args.value("index", std::size_t{0});
  return service == nullptr || index >= service->places.size() ? nullptr : &service->places[index];
}

bool World::is_due(const Fault& fault) const {
  if (fault.args.contains("after_step")) return steps_ >= fault.args["after_step"].get<int>();
  return machine.clock.now() - began_ >= fault.args.value("at_ms", std::int64_t{0});
}

void World::let_happen() {
  for (std::size_t i = 0; i < happenings_.size();) {
    if (!is_due(happenings_[i].fault)) {
      ++i;
      continue;
    }
    const auto fault = std::move(happenings_[i].fault);
    happenings_.erase(happenings_.begin() + static_cast<std::ptrdiff_t>(i));
    happen(fault);
  }
}

void World::go_to(std::int64_t time) {
  machine.clock.pass(Milliseconds(std::max<std::int64_t>(time - machine.clock.now(), 0)));
  began_ = machine.clock.now();
  clients = Clients(machine, deployment_);
}

std::optional<std::int64_t> World::next_happening() const {
  std::optional<std::int64_t> due;
  for (const auto& waiting : happenings_)
    if (!waiting.fault.args.contains("after_step")) {
      const auto at = began_ + waiting.fault.args.value("at_ms", std::int64_t{0});
      due = due ? std::min(*due, at) : at;
    }
  return due;
}

bool World::pass_to_next() {
  const auto due = next_happening();
  const auto next = machine.clock.next();
  if (!due || !next || *due >= *next) return false;
  machine.clock.pass(Milliseconds(*due - machine.clock.now()));
  let_happen();
  return true;
}

// In slices: an instance that ended is started again in between.
void World::pass(Milliseconds duration) {
  const auto end = machine.clock.now() + duration.count();
  while (machine.clock.now() < end) {
    const auto slice = std::min(end, machine.clock.now() + slice_ms);
    const auto until = std::clamp(next_happening().value_or(slice), machine.clock.now(), slice);
    machine.clock.pass(Milliseconds(until - machine.clock.now()));
    clients.pass();
    let_happen();
    machine.look();
    clients.look();
  }
}

void World::happen(const Fault& fault) {
  clients.pass();
  const auto service = service_in(fault);
  const auto* place = place_in(fault);
  // What ends again and again is touched all the time.
  touched_[service] = fault.what == "crash_loop" ? always_touched : std::max(touched_[service], calls_ + 1);
  if (happens) happens(fault);
  if (fault.what == "kill" && place != nullptr) machine.runtime.crash(place->id, killed);
  if (fault.what == "crash_loop" && place != nullptr)
    machine.runtime.crash_loop(place->id, Milliseconds(fault.args.value("life_ms", std::int64_t{1'000})), killed);
  const std::pair program(service, deployment_.side(side_in(fault)).version);
  if (fault.what == "slow_start")
    machine.programs[program].start = Milliseconds(fault.args.value("takes_ms", std::int64_t{30'000}));
  if (fault.what == "sicken") machine.programs[program].sick = true;
  const auto proxy = machine.proxies.find(service);
  if (fault.what == "restart_proxy" && proxy != machine.proxies.end()) proxy->second->restart();
  if (fault.what == "set_weights" && proxy != machine.proxies.end()) {
    Weights weights;
    weights[deployment_.from()] = fault.args.value("old", 100);
    weights[deployment_.to] = fault.args.value("new", 0);
    proxy->second->set_weights(weights);
  }
  if (fault.what == "metric") change_metric(fault);
  if (fault.what == "abort" && abort) abort();
  machine.look();
  clients.look();
}

int World::touched(const std::string& service) const {
  const auto found = touched_.find(service);
  return found == touched_.end() ? 0 : found->second;
}

void World::hear_before(const Call& call) {
  ++calls_;
  clients.pass();
  if (!happenings_.empty()) let_happen();
  const auto group = call.verb.substr(0, call.verb.find('.'));
  if (group == "proxy")
    for (const auto colour : both_colours) {
      const std::string service = call.args.value("service", "");
      const auto proxy = machine.proxies.find(service);
      if (proxy != machine.proxies.end()) proxy->second->set_in_flight(colour, clients.in_flight(service, colour));
    }
  if (before) before(call);
  if (call.verb == "instances.stop") {
    const auto colour = colour_named(call.args.value("color", "")).value_or(Colour::blue);
    clients.cut_off(call.args.value("service", ""), colour);
  }
}

void World::hear_after(const Call& call, const Outcome& outcome) {
  if (is_step(call)) ++steps_;
  if (is_step(call) || call.verb == "instances.health") clients.look();
  if (after) after(call, outcome);
}

// Whether this is the Call, or one of those, that it waits for.
bool World::meets(Waiting& waiting, const Call& call) {
  if (waiting.over) return false;
  const auto& args = waiting.fault.args;
  if (waiting.fault.what == "down") {
    const auto from = began_ + args.value("at_ms", std::int64_t{0});
    const auto now = machine.clock.now();
    return is_of(call, args.value("what", "")) && now >= from &&
           now < from + args.value("duration_ms", std::int64_t{0});
  }
  if (!is_of(call, args.value("verb", ""))) return false;
  if (args.contains("service") && call.args.value("service", "") != args["service"]) return false;
  const int first = args.value("nth", 1);
  const int last = first + args.value("times", 1) - 1;
  ++waiting.seen;
  waiting.over = waiting.seen >= last;
  return waiting.seen >= first && waiting.seen <= last;
}

effects::Trouble World::trouble_for(const Call& call) {
  auto found = effects::Trouble::none;
  for (auto& waiting : troubles_) {
    if (!meets(waiting, call)) continue;
    const bool is_down = waiting.fault.what == "down";
    if (happens && !is_down) happens(waiting.fault);
    found = is_down ? effects::Trouble::unreachable : trouble_named(waiting.fault.args.value("error", "refused"));
  }
  return found;
}

Milliseconds World::latency_of(const Call& call) {
  Milliseconds latency(mixes_ ? 1 + static_cast<std::int64_t>(random_() % 5) : 1);
  for (auto& waiting : delays_) {
    if (!meets(waiting, call)) continue;
    if (happens) happens(waiting.fault);
    latency += Milliseconds(waiting.fault.args.value("by_ms", std::int64_t{1'000}));
  }
  return latency;
}

Moment World::moment() {
  Moment moment;
  moment.elapsed_ms = elapsed_ms();
  moment.share_new = machine.proxies.empty() ? 0 : 100;
  moment.share_old = moment.share_new;
  for (const auto& [service, proxy] : machine.proxies) {
    const auto shares = machine.effective(service);
    moment.share_new = std::min(moment.share_new, shares[deployment_.to]);
    moment.share_old = std::min(moment.share_old, shares[deployment_.from()]);
  }
  return moment;
}

void World::metric(const std::string& name, Metric metric) {
  for (const auto* gates : {&deployment_.gates, &deployment_.prior_gates})
    for (const auto& gate : *gates)
      if (gate.name == name) metrics_[gate.query] = metric;
  metrics_[name] = std::move(metric);
}

void World::change_metric(const Fault& fault) {
  const std::string name = fault.args.value("name", "");
  const Gate* gate = nullptr;
  for (const auto& one : deployment_.gates)
    if (one.name == name) gate = &one;
  metric(name, [this, fault, gate, since = machine.clock.now()](const Moment& moment) -> Result<Reading> {
    const auto lasts = fault.args.value("during_ms", std::int64_t{-1});
    const bool is_over = lasts >= 0 && machine.clock.now() > since + lasts;
    if (is_over || moment.share_new < fault.args.value("from_share", 0))
      return model::number(value_for(gate, true), machine.clock.now());
    return reading_under(fault, gate);
  });
}

Result<Reading> World::reading_under(const Fault& fault, const Gate* gate) {
  const auto now = machine.clock.now();
  const std::string kind = fault.args.value("reading", "breach");
  if (kind == "empty") return model::empty();
  if (kind == "stale") return model::stale(now - 600'000);
  if (kind == "nan") return model::number(std::numeric_limits<double>::quiet_NaN(), now);
  if (kind == "error") {
    Error error("SH1601", Kind::adapter, "cannot reach the metrics provider", "check that it runs");
    error.retryable = true;
    return error;
  }
  return model::number(kind == "value" ? fault.args.value("value", 0.0) : value_for(gate, false), now);
}

Result<Reading> World::reading(const std::string& expression) {
  if (const auto found = metrics_.find(expression); found != metrics_.end()) return found->second(moment());
  for (const auto* gates : {&deployment_.gates, &deployment_.prior_gates})
    for (const auto& gate : *gates)
      if (gate.query == expression) return model::number(value_for(&gate, true), machine.clock.now());
  return model::number(0, machine.clock.now());
}

}  // namespace shunt::simulate
