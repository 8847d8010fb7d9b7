#include <fmt/format.h>

#include "effects/live.hpp"

namespace shunt::effects {

namespace {

template <typename T>
Value pair_of(const PerColour<T>& values) {
  return {{"blue", values.blue}, {"green", values.green}};
}

Value counts_of(const PerColour<std::optional<int>>& counts) {
  Value value = Value::object();
  for (const auto colour : both_colours) value[text_of(colour)] = counts[colour] ? Value(*counts[colour]) : Value();
  return value;
}

}  // namespace

Value to_value(const ProxyView& view) {
  Value servers = Value::array();
  for (const auto& server : view.servers)
    servers.push_back({{"name", server.name},
                       {"color", name_of(server.color)},
                       {"address", server.address},
                       {"state", server.state},
                       {"weight", server.weight},
                       {"usable", server.usable}});
  return {{"weights", pair_of(view.weights)},
          {"effective", pair_of(view.effective)},
          {"usable", pair_of(view.usable)},
          {"in_flight", counts_of(view.in_flight)},
          {"servers", servers},
          {"started", view.started},
          {"shiftable", view.shiftable},
          {"note", view.note},
          {"pinned", view.pinned},
          {"sticky", view.sticky},
          {"cost", view.cost}};
}

Value to_value(const Reading& reading) {
  Value samples = Value::array();
  for (const auto& sample : reading.samples) samples.push_back({{"value", sample.value}, {"time", sample.time}});
  Value value = {{"state", reading.state}, {"samples", samples}, {"time", reading.time}};
  if (reading.state == "ok") value["value"] = reading.value;
  if (!reading.warnings.empty()) value["warnings"] = reading.warnings;
  return value;
}

Task<Outcome> Live::proxy_get(Call call) {
  const std::string service = call.args.value("service", "");
  auto proxy = fleet_.proxy(service);
  if (!proxy) {
    Outcome no(proxy.error());
    co_return std::move(no);
  }
  auto view = co_await (*proxy)->observe();
  Outcome outcome = view ? Outcome(to_value(*view)) : Outcome(view.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::proxy_set(Call call) {
  const std::string service = call.args.value("service", "");
  auto proxy = fleet_.proxy(service);
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
  auto proxy = fleet_.proxy(service);
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
  Call get("proxy.get", {{"service", call.args.value("service", "")}});
  Outcome view = co_await proxy_get(std::move(get));
  if (!view.ok()) co_return std::move(view);
  const std::string colour = call.args.value("color", "blue");
  Outcome count(Value{{"requests", view.value["in_flight"].value(colour, Value())}});
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
