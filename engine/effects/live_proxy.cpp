#include <fmt/format.h>

#include "effects/live.hpp"

namespace shunt::effects {

namespace {

template <typename T>
Value pair_of(const PerColour<T>& values) {
  Value value;
  value["blue"] = values.blue;
  value["green"] = values.green;
  return value;
}

Value counted(const std::optional<int>& count) {
  return count ? Value(*count) : Value();
}

Value counts_of(const PerColour<std::optional<int>>& counts) {
  Value value = Value::object();
  for (const auto colour : both_colours) value[text_of(colour)] = counted(counts[colour]);
  return value;
}

}  // namespace

namespace {

Value to_value(const ServerView& server) {
  Value value;
  value["name"] = server.name;
  value["color"] = name_of(server.color);
  value["address"] = server.address;
  value["state"] = server.state;
  value["weight"] = server.weight;
  value["usable"] = server.usable;
  return value;
}

}  // namespace

Value to_value(const ProxyView& view) {
  Value value;
  value["weights"] = pair_of(view.weights);
  value["effective"] = pair_of(view.effective);
  value["usable"] = pair_of(view.usable);
  value["in_flight"] = counts_of(view.in_flight);
  value["servers"] = Value::array();
  for (const auto& server : view.servers) value["servers"].push_back(to_value(server));
  value["started"] = view.started;
  value["shiftable"] = view.shiftable;
  value["note"] = view.note;
  value["pinned"] = view.pinned;
  value["sticky"] = view.sticky;
  value["cost"] = view.cost;
  if (view.stale) value["stale"] = true;
  return value;
}

Value to_value(const Reading& reading) {
  Value samples = Value::array();
  for (const auto& sample : reading.samples) samples.push_back({{"value", sample.value}, {"time", sample.time}});
  Value value = {{"state", reading.state}, {"samples", samples}, {"time", reading.time}};
  if (reading.state == "ok") value["value"] = reading.value;
  if (!reading.warnings.empty()) value["warnings"] = reading.warnings;
  return value;
}

Task<Result<ProxyView>> Live::observe_proxy(std::string service) {
  auto proxy = co_await fleet_.current_proxy(service);
  if (!proxy) {
    Result<ProxyView> no(proxy.error());
    co_return std::move(no);
  }
  auto view = co_await (*proxy)->observe();
  co_return std::move(view);
}

Task<Outcome> Live::proxy_get(Call call) {
  std::string service = call.args.value("service", "");
  auto view = co_await observe_proxy(std::move(service));
  Outcome outcome = view ? Outcome(to_value(*view)) : Outcome(view.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::proxy_set(Call call) {
  const std::string service = call.args.value("service", "");
  auto proxy = co_await fleet_.current_proxy(service);
  if (!proxy) {
    Outcome no(proxy.error());
    co_return std::move(no);
  }
  const Weights weights(call.args.value("blue", 0), call.args.value("green", 0));
  auto applied = co_await (*proxy)->apply(weights);
  Outcome outcome = applied ? Outcome() : Outcome(applied.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::proxy_close(Call call) {
  const std::string service = call.args.value("service", "");
  auto proxy = co_await fleet_.current_proxy(service);
  if (!proxy) {
    Outcome no(proxy.error());
    co_return std::move(no);
  }
  const auto colour = colour_named(call.args.value("color", "")).value_or(Colour::blue);
  auto closed = co_await (*proxy)->close(colour);
  Outcome outcome = closed ? Outcome() : Outcome(closed.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::proxy_in_flight(Call call) {
  std::string service = call.args.value("service", "");
  auto view = co_await observe_proxy(std::move(service));
  if (!view) {
    Outcome no(view.error());
    co_return std::move(no);
  }
  const auto colour = colour_named(call.args.value("color", "")).value_or(Colour::blue);
  Outcome count(Value::object());
  count.value["requests"] = counted(view->in_flight[colour]);
  co_return std::move(count);
}

Task<Outcome> Live::metrics_query(Call call) {
  auto metrics = fleet_.metrics();
  if (!metrics) {
    Outcome no(metrics.error());
    co_return std::move(no);
  }
  std::string expression = call.args.value("expression", "");
  auto reading = co_await (*metrics)->query(std::move(expression));
  Outcome outcome = reading ? Outcome(to_value(*reading)) : Outcome(reading.error());
  co_return std::move(outcome);
}

}  // namespace shunt::effects
