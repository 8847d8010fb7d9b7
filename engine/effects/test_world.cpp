#include "effects/test_world.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace shunt::effects::test {

namespace {

constexpr std::int64_t patience_ms = 2'000;

Value pair_of(const Weights& weights) {
  return {{"blue", weights.blue}, {"green", weights.green}};
}

Colour colour_of(const Call& call) {
  return colour_named(call.args.value("color", "blue")).value_or(Colour::blue);
}

std::string line_of(const Call& call) {
  std::string line = call.verb;
  for (const auto* key : {"service", "color", "index", "id", "name", "percent", "duration_ms", "url"})
    if (call.args.contains(key)) {
      const auto& value = call.args[key];
      line += " " + (value.is_string() ? value.get<std::string>() : to_text(value));
    }
  if (call.verb == "proxy.set") line += fmt::format(" {}/{}", call.args.value("blue", 0), call.args.value("green", 0));
  return line;
}

}  // namespace

World::World(const Deployment& deployment) : deployment_(deployment) {
  const auto old = deployment.from();
  for (const auto& name : deployment.service_names()) {
    if (deployment.proxied(name) == nullptr) continue;
    auto& proxy = proxies[name];
    if (!deployment.first && deployment.service(name, old) != nullptr) proxy.weights[old] = 100;
    proxy.configured = proxy.weights;
  }
  if (deployment.first) return;
  for (const auto& service : deployment.prior.services)
    for (const auto& place : service.places) {
      auto& instance = instances[place.id];
      instance.id = place.id;
      instance.service = service.name;
      instance.color = old;
      instance.index = place.index;
      instance.version = deployment.prior.version;
      instance.run = "an-earlier-run";
      instance.started = 1;
    }
}

Task<Outcome> World::perform(Call call) {
  auto begin = [this, call](const loop::Completion<Outcome>& completion) { return take(call, completion); };
  Outcome outcome = co_await loop::suspend<Outcome>(std::move(begin));
  co_return std::move(outcome);
}

loop::Abort<Outcome> World::take(const Call& call, const loop::Completion<Outcome>& completion) {
  calls.push_back(call);
  if (before) before(call);
  auto due = now_ + 1;
  Outcome outcome = answer(call, due);
  if (after) after(call);
  const Key key(due, order_++);
  waiting_.emplace(key, Waiting{completion, std::move(outcome)});
  return [this, key](const loop::Completion<Outcome>& cancelled) {
    waiting_.erase(key);
    cancelled.fail(loop::cancellation());
  };
}

bool World::advance() {
  if (waiting_.empty()) return false;
  auto next = waiting_.extract(waiting_.begin());
  now_ = std::max(now_, next.key().first);
  next.mapped().completion.succeed(std::move(next.mapped().outcome));
  return true;
}

Outcome World::answer(const Call& call, std::int64_t& due) {
  if (call.verb == "clock.sleep") {
    due = now_ + call.args.value("duration_ms", std::int64_t{0});
    return Outcome();
  }
  const int n = ++count_;
  const int of_verb = ++of_verb_[call.verb];
  const auto what = trouble ? trouble(call, n, of_verb) : Trouble::none;
  if (is_late(what)) due = now_ + patience_ms;
  if (what == Trouble::none) {
    if (call.verb == "approval.wait" && operator_says.empty())
      due = now_ + call.args.value("timeout_ms", std::int64_t{0});
    return done(call);
  }
  if (is_done(what)) done(call);
  return error_of(what, call.verb);
}

Outcome World::done(const Call& call) {
  if (const auto own = instead.find(call.verb); own != instead.end())
    if (auto outcome = own->second(call)) return std::move(*outcome);
  const std::string service = call.args.value("service", "");
  if (call.verb == "instances.start") return start(call);
  if (call.verb == "instances.stop") return stop(call);
  if (call.verb == "instances.list") return list(call);
  if (call.verb == "instances.health") return health(call);
  if (call.verb == "instances.logs") return Outcome(Value{{service + "-log", "said something"}});
  if (call.verb == "proxy.get") return view(service);
  if (call.verb == "proxy.set") {
    auto& proxy = proxies.at(service);
    const Weights told(call.args.value("blue", 0), call.args.value("green", 0));
    for (const auto colour : both_colours)
      if (told[colour] > proxy.weights[colour]) proxy.out[colour] = false;
    for (const auto colour : both_colours)
      if (told[colour] > 0) proxy.lost[colour] = false;
    proxy.weights = told;
    return Outcome();
  }
  if (call.verb == "proxy.close") {
    auto& proxy = proxies.at(service);
    proxy.out[colour_of(call)] = true;
    if (proxy.sticky) proxy.in_flight[colour_of(call)] = 0;  // its clients go elsewhere
    return Outcome();
  }
  if (call.verb == "proxy.in_flight") {
    const auto count = proxies.at(service).in_flight[colour_of(call)];
    return Outcome(Value{{"requests", count ? Value(*count) : Value()}});
  }
  if (call.verb == "http.request") return through_proxy(call);
  if (call.verb == "metrics.query") return Outcome(Value{{"state", "ok"}, {"value", 0.0}, {"time", now_}});
  if (call.verb == "approval.wait") return Outcome(Value{{"answer", operator_says}, {"by", "ada"}, {"reason", ""}});
  if (call.verb == "exec.run") return Outcome(Value{{"code", 0}, {"stdout", ""}, {"stderr", ""}});
  return Outcome(Value{{"ok", true}, {"status", 200}, {"latency", 0.001}});
}

Outcome World::start(const Call& call) {
  const auto colour = colour_of(call);
  const auto* service = deployment_.service(call.args.value("service", ""), colour);
  const auto& place = service->places.at(call.args.value("index", std::size_t{0}));
  const auto found = instances.find(place.id);
  if (found != instances.end() && found->second.run != deployment_.id)
    return Error("SH1402", Kind::adapter, fmt::format("{} is held by another run", place.id), "stop it first");
  if (found == instances.end()) {
    auto& instance = instances[place.id];
    instance.id = place.id;
    instance.service = service->name;
    instance.color = colour;
    instance.index = place.index;
    instance.version = deployment_.side(colour).version;
    instance.run = deployment_.id;
    instance.started = now_;
    instance.ready_at = now_ + start_ms;
  }
  return Outcome(Value{{"id", place.id}});
}

Outcome World::stop(const Call& call) {
  instances.erase(call.args.value("id", ""));
  return Outcome();
}

Outcome World::list(const Call& call) const {
  Value found = Value::array();
  for (const auto& [id, instance] : instances) {
    if (call.args.contains("service") && call.args["service"] != instance.service) continue;
    if (call.args.contains("color") && call.args["color"] != name_of(instance.color)) continue;
    found.push_back({{"id", id},
                     {"service", instance.service},
                     {"index", instance.index},
                     {"state", instance.state},
                     {"started", instance.started},
                     {"run", instance.run}});
  }
  return found;
}

Outcome World::health(const Call& call) const {
  for (const auto& [id, instance] : instances) {
    if (instance.service != call.args.value("service", "") || instance.color != colour_of(call) ||
        instance.index != call.args.value("index", 0))
      continue;
    const bool ready = instance.state == "running" && now_ >= instance.ready_at && !instance.sick && !instance.foreign;
    Value answer = {
        {"ok", ready}, {"state", instance.state}, {"started", instance.started}, {"restarts", instance.restarts}};
    if (!ready) answer["error"] = instance.foreign ? "somebody else answers" : "it answered 500";
    if (instance.foreign) answer["foreign"] = true;
    return answer;
  }
  return Outcome(Value{{"ok", false}, {"state", "not there"}, {"error", "the instance is not there"}});
}

int World::usable(const std::string& service, Colour colour) const {
  const auto& proxy = proxies.at(service);
  if (proxy.out[colour] || proxy.lost[colour]) return 0;
  return static_cast<int>(std::count_if(instances.begin(), instances.end(), [&](const auto& item) {
    const auto& one = item.second;
    return one.service == service && one.color == colour && one.state == "running" && one.ready_at <= now_ && !one.sick;
  }));
}

Weights World::effective(const std::string& service) const {
  Weights reached = proxies.at(service).weights;
  for (const auto colour : both_colours)
    if (usable(service, colour) == 0) reached[colour] = 0;
  const int sum = reached.blue + reached.green;
  if (sum == 0) return reached;
  const int blue = (reached.blue * 100 + sum / 2) / sum;
  return Weights(blue, 100 - blue);
}

bool World::runs(Colour colour) const {
  return std::any_of(instances.begin(), instances.end(), [&](const auto& item) { return item.second.color == colour; });
}

void World::restart_proxy(const std::string& service) {
  auto& proxy = proxies.at(service);
  proxy.weights = proxy.configured;
  proxy.started += 1'000;
}

Outcome World::view(const std::string& service) const {
  const auto& proxy = proxies.at(service);
  Value in_flight = Value::object();
  for (const auto colour : both_colours)
    in_flight[text_of(colour)] = proxy.in_flight[colour] ? Value(*proxy.in_flight[colour]) : Value();
  const bool stale = (proxy.lost.blue && proxy.weights.blue > 0) || (proxy.lost.green && proxy.weights.green > 0);
  return Outcome(Value{{"weights", pair_of(proxy.weights)},
                       {"stale", stale},
                       {"effective", pair_of(effective(service))},
                       {"in_flight", in_flight},
                       {"servers", Value::array()},
                       {"pinned", pinned},
                       {"sticky", proxy.sticky},
                       {"started", proxy.started}});
}

// Requests go round in turn, so that each colour answers by its share.
Outcome World::through_proxy(const Call& call) {
  const std::string url = call.args.value("url", "");
  for (auto& [name, proxy] : proxies) {
    const auto* service = deployment_.proxied(name);
    if (service->verify.url.empty() || service->verify.url != url) continue;
    const auto shares = effective(name);
    if (shares.blue + shares.green == 0)
      return Outcome(Value{{"status", 503}, {"headers", Value::object()}, {"body", ""}});
    for (const auto colour : both_colours) proxy.turn[colour] += shares[colour];
    const auto next = proxy.turn.blue >= proxy.turn.green ? Colour::blue : Colour::green;
    proxy.turn[next] -= 100;
    const auto& version = deployment_.side(next).version;
    return Outcome(Value{{"status", 200}, {"headers", {{"x-version", version}}}, {"body", version}});
  }
  return Outcome(Value{{"status", 200}, {"headers", Value::object()}, {"body", ""}});
}

std::vector<std::string> World::lines(const std::vector<std::string>& verbs) const {
  std::vector<std::string> found;
  for (const auto& call : calls)
    if (verbs.empty() || std::find(verbs.begin(), verbs.end(), call.verb) != verbs.end())
      found.push_back(line_of(call));
  return found;
}

}  // namespace shunt::effects::test
