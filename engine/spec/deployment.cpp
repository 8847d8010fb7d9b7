#include "spec/deployment.hpp"

#include <algorithm>

namespace shunt {

namespace {

Value optional_number(const std::optional<double>& number) {
  return number ? Value(*number) : Value();
}

std::optional<double> number_from(const Value& value, const char* key) {
  const auto found = value.find(key);
  if (found == value.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

Value gate_to_value(const Gate& gate) {
  return {{"name", gate.name},
          {"query", gate.query},
          {"service", gate.service},
          {"max", optional_number(gate.max)},
          {"min", optional_number(gate.min)},
          {"interval_ms", gate.interval_ms},
          {"failures", gate.failures},
          {"consecutive_errors", gate.consecutive_errors},
          {"on_inconclusive", gate.on_inconclusive},
          {"on_error", gate.on_error},
          {"approve_timeout_ms", gate.approve_timeout_ms}};
}

Gate gate_from(const Value& value) {
  Gate gate;
  gate.name = value.value("name", gate.name);
  gate.query = value.value("query", gate.query);
  gate.service = value.value("service", gate.service);
  gate.max = number_from(value, "max");
  gate.min = number_from(value, "min");
  gate.interval_ms = value.value("interval_ms", gate.interval_ms);
  gate.failures = value.value("failures", gate.failures);
  gate.consecutive_errors = value.value("consecutive_errors", gate.consecutive_errors);
  gate.on_inconclusive = value.value("on_inconclusive", gate.on_inconclusive);
  gate.on_error = value.value("on_error", gate.on_error);
  gate.approve_timeout_ms = value.value("approve_timeout_ms", gate.approve_timeout_ms);
  return gate;
}

Value gates_to_value(const std::vector<Gate>& gates) {
  Value list = Value::array();
  for (const auto& gate : gates) list.push_back(gate_to_value(gate));
  return list;
}

std::vector<Gate> gates_from(const Value& list) {
  std::vector<Gate> gates;
  for (const auto& gate : list) gates.push_back(gate_from(gate));
  return gates;
}

}  // namespace

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Check, name, command, cwd, timeout_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Channel, type, config, on)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Side, release, version, adopted, services)

const Service* find(const Services& services, const std::string& name) {
  const auto found = std::find_if(services.begin(), services.end(), [&](const Service& s) { return s.name == name; });
  return found == services.end() ? nullptr : &*found;
}

std::vector<std::string> Deployment::service_names() const {
  std::vector<std::string> names;
  for (const auto* side_of : {&next, &prior})
    for (const auto& service_of : side_of->services)
      if (std::find(names.begin(), names.end(), service_of.name) == names.end()) names.push_back(service_of.name);
  return names;
}

const Service* Deployment::service(const std::string& name, Colour colour) const {
  return find(side(colour).services, name);
}

bool Deployment::commits(const std::string& name, Colour colour) const {
  const auto* stopped = service(name, colour);
  return colour == from() && (stopped == nullptr || !stopped->singleton);
}

const Service* Deployment::proxied(const std::string& name) const {
  for (const auto* side_of : {&next, &prior})
    if (const auto* found = find(side_of->services, name); found != nullptr)
      return found->has_proxy() ? found : nullptr;
  return nullptr;
}

Value to_value(const Deployment& deployment) {
  return {{"id", deployment.id},
          {"app", deployment.app},
          {"verb", deployment.verb},
          {"strategy", deployment.strategy},
          {"to", name_of(deployment.to)},
          {"first", deployment.first},
          {"downtime", deployment.downtime},
          {"next", deployment.next},
          {"prior", deployment.prior},
          {"metrics", deployment.metrics},
          {"metrics_config", deployment.metrics_config},
          {"gates", gates_to_value(deployment.gates)},
          {"prior_gates", gates_to_value(deployment.prior_gates)},
          {"checks", deployment.checks},
          {"channels", deployment.channels},
          {"options", deployment.options},
          {"timeout_ms", deployment.timeout_ms},
          {"rollback_timeout_ms", deployment.rollback_timeout_ms},
          {"folder", deployment.folder}};
}

Deployment deployment_from(const Value& value) {
  Deployment deployment;
  deployment.id = value.value("id", "");
  deployment.app = value.value("app", "");
  deployment.verb = value.value("verb", "deploy");
  deployment.strategy = value.value("strategy", "");
  deployment.to = colour_named(value.value("to", "blue")).value_or(Colour::blue);
  deployment.first = value.value("first", false);
  deployment.downtime = value.value("downtime", false);
  deployment.next = value.at("next").get<Side>();
  deployment.prior = value.at("prior").get<Side>();
  deployment.metrics = value.value("metrics", "");
  deployment.metrics_config = value.value("metrics_config", Value());
  deployment.gates = gates_from(value.value("gates", Value::array()));
  deployment.prior_gates = gates_from(value.value("prior_gates", Value::array()));
  deployment.checks = value.value("checks", std::vector<Check>{});
  deployment.channels = value.value("channels", std::vector<Channel>{});
  deployment.options = value.value("options", Value::object());
  deployment.timeout_ms = value.value("timeout_ms", deployment.timeout_ms);
  deployment.rollback_timeout_ms = value.value("rollback_timeout_ms", deployment.rollback_timeout_ms);
  deployment.folder = value.value("folder", "");
  return deployment;
}

}  // namespace shunt
