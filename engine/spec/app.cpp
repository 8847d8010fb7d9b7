#include "spec/app.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>

#include "shunt/duration.hpp"
#include "shunt/secrets.hpp"
#include "spec/locate.hpp"

namespace shunt {

const Schema& service_schema();
const Schema& channel_schema();
int ways_of_health(const Value& health);
Error not_one_way(const std::string& path);

namespace {

bool is_label(const std::string& text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 40 && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), fits);
}

Error located(Error error, const AppFile& file, const std::string& name) {
  if (!error.where.file.empty()) return error;
  const auto path = error.evidence.is_object() ? error.evidence.value("path", "") : "";
  const auto& text = file.sources.empty() ? std::string() : file.sources.front().text;
  return std::move(error).at({name, line_of(text, path)});
}

Error wrong(const std::string& path, const std::string& message, const std::string& remedy) {
  return Error("SH1002", Kind::config, message, remedy).with({{"path", path}});
}

// Files start at the app file's folder, wherever shunt is started; what follows reads a release without that folder.
// "host:port" is no file; and of "NAME:/path", as containers mount it, NAME is only with a dot before it.
std::string rooted(const std::string& name, const std::string& folder) {
  const auto colon = name.find(':');
  const bool is_file = colon == std::string::npos || name.starts_with('.') || name.find('/') < colon;
  return is_file ? (std::filesystem::path(folder) / name).lexically_normal().string() : name;
}

void root_in(Value& value, const std::string& folder) {
  if (value.is_string()) value = rooted(value.get<std::string>(), folder);
  if (!value.is_structured() || is_secret(value)) return;
  for (auto& item : value) root_in(item, folder);
}

void root_paths(Value& config, const std::vector<Key>& keys, const std::string& folder) {
  for (const auto& key : keys) {
    if (!config.contains(key.name)) continue;
    if (key.path) root_in(config[key.name], folder);
    if (key.type == Type::table) root_paths(config[key.name], key.nested, folder);
  }
}

// `table` is { type = NAME, ... }: finds the adapter and checks the rest against its schema.
template <typename Find>
Result<std::pair<std::string, Value>> adapter_config(const Value& table, const std::string& path,
                                                     const std::string& folder, const Find& find) {
  if (!table.is_object()) return wrong(path, path + " must be a table with a type", "write { type = \"...\", ... }");
  const auto type = table.value("type", Value());
  if (!type.is_string())
    return Error("SH1003", Kind::config, fmt::format("{}.type is missing", path), "add it: which adapter it is")
        .with({{"path", path}});
  const auto adapter = find(type.get<std::string>());
  if (!adapter) return Error(adapter.error()).with({{"path", path + ".type"}});
  Value rest = table;
  rest.erase("type");
  auto config = validate((*adapter)->info.schema, rest, path);
  if (!config) return config.error();
  root_paths(*config, (*adapter)->info.schema.keys, folder);
  return std::make_pair(type.get<std::string>(), std::move(*config));
}

Result<void> check_smoke(const Value& tests, const std::string& path) {
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const auto place = fmt::format("{}[{}]", path, i + 1);
    if (tests[i].contains("path") == tests[i].contains("command"))
      return wrong(place, fmt::format("{} must have either path or command", place), "say what must work");
  }
  return {};
}

int signal_named(const std::string& name) {
  static const std::map<std::string, int> signals = {{"TERM", SIGTERM}, {"INT", SIGINT},   {"QUIT", SIGQUIT},
                                                     {"HUP", SIGHUP},   {"USR1", SIGUSR1}, {"USR2", SIGUSR2},
                                                     {"KILL", SIGKILL}};
  const auto found = signals.find(name.rfind("SIG", 0) == 0 ? name.substr(3) : name);
  return found == signals.end() ? 0 : found->second;
}

Result<Value> parse_service(const std::string& name, const Value& table, const std::string& folder,
                            const Registry& registry) {
  const std::string path = "services." + name;
  if (!is_label(name))
    return wrong(path, fmt::format("'{}' is not a service name", name),
                 "use at most 40 of a-z, 0-9 and -, starting with a letter");
  auto service = validate(service_schema(), table, path);
  if (!service) return service;
  auto runtime = adapter_config((*service)["runtime"], path + ".runtime", folder,
                                [&](const std::string& type) { return registry.runtime(type); });
  if (!runtime) return runtime.error();
  const auto& operations = (*registry.runtime(runtime->first))->info.operations;
  (*service)["runtime"] = {
      {"type", runtime->first}, {"config", runtime->second}, {"prepares", operations.contains("prepare")}};
  if (service->contains("proxy")) {
    auto proxy = adapter_config((*service)["proxy"], path + ".proxy", folder,
                                [&](const std::string& type) { return registry.proxy(type); });
    if (!proxy) return proxy.error();
    (*service)["proxy"] = {{"type", proxy->first}, {"config", proxy->second}};
  } else if (service->contains("verify")) {
    return wrong(path + ".verify", path + ".verify needs a proxy", "add proxy = { type = ..., ... }, or remove verify");
  }
  if (service->value("singleton", false) && service->contains("proxy"))
    return wrong(
        path + ".singleton", fmt::format("{} is a singleton with a proxy", path),
        "a service that must not run twice has a moment without any instance, so it can have no traffic: remove "
        "singleton, or proxy");
  if (service->contains("health"))
    if (ways_of_health((*service)["health"]) != 1) return not_one_way(path + ".health");
  if (!service->contains("health") && service->contains("proxy"))
    return Error("SH1003", Kind::config, path + ".health is missing",
                 "add health = { path = \"/health/ready\" }: a service behind a proxy must be able to say that it is "
                 "ready")
        .with({{"path", path}});
  if (service->contains("smoke"))
    if (auto fine = check_smoke((*service)["smoke"], path + ".smoke"); !fine) return fine.error();
  const auto signal = service->contains("stop") ? (*service)["stop"].value("signal", "TERM") : "TERM";
  if (signal_named(signal) == 0)
    return wrong(path + ".stop.signal", fmt::format("'{}' is not a signal that can stop a service", signal),
                 "use TERM, INT, QUIT, HUP, USR1, USR2 or KILL");
  return service;
}

// Launch order: after what they name, then by name. SH1002 for an unknown name or a circle.
Result<std::vector<std::string>> order_of(const Value& services) {
  std::vector<std::string> order;
  std::set<std::string> open;
  std::set<std::string> done;
  std::function<Result<void>(const std::string&)> visit = [&](const std::string& name) -> Result<void> {
    if (done.count(name) != 0) return {};
    if (!open.insert(name).second)
      return wrong("services." + name + ".after", fmt::format("services.{}.after leads back to itself", name),
                   "break the circle");
    for (const auto& before : services[name].value("after", std::vector<std::string>{})) {
      if (!services.contains(before))
        return wrong("services." + name + ".after",
                     fmt::format("services.{}.after names '{}', which is no service", name, before),
                     "name a service of this file");
      if (auto fine = visit(before); !fine) return fine;
    }
    open.erase(name);
    done.insert(name);
    order.push_back(name);
    return {};
  };
  for (const auto& [name, service] : services.items())
    if (auto fine = visit(name); !fine) return fine.error();
  return order;
}

Result<void> override_durations(Value& services, const ReadEnvironment& environment) {
  const auto put = [&](const char* variable, const auto& store) -> Result<void> {
    const auto text = environment ? environment(variable) : std::nullopt;
    if (!text || text->empty()) return {};
    const auto duration = parse_duration(*text);
    if (!duration)
      return Error("SH1006", Kind::config,
                   fmt::format("the environment variable {} is '{}', which is no duration", variable, *text),
                   "write it like 180s, or as a number of seconds");
    for (auto& [name, service] : services.items()) store(service, duration->count());
    return {};
  };
  const auto health = [](const char* key) {
    return [key](Value& service, std::int64_t ms) {
      if (service.contains("health")) service["health"][key] = ms;
    };
  };
  if (auto fine = put("HEALTH_CHECK_TIMEOUT", health("timeout")); !fine) return fine;
  if (auto fine = put("HEALTH_CHECK_INTERVAL", health("interval")); !fine) return fine;
  return put("DRAIN_TIMEOUT", [](Value& service, std::int64_t ms) { service["drain"] = ms; });
}

Result<std::vector<Gate>> parse_gates(const Value& tables, bool has_metrics) {
  std::vector<Gate> gates;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto& table = tables[i];
    const auto path = fmt::format("gates[{}]", i + 1);
    if (!table.contains("query"))
      return Error("SH1003", Kind::config, path + ".query is missing", "add the expression whose value is watched")
          .with({{"path", path}});
    if (!table.contains("max") && !table.contains("min"))
      return Error("SH1003", Kind::config, path + " has neither max nor min, so it could never fail", "add a limit")
          .with({{"path", path}});
    if (!has_metrics)
      return Error("SH1003", Kind::config, "there are gates, but metrics is missing",
                   "add metrics = { type = ..., ... }")
          .with({{"path", "gates"}});
    if (table["interval"].get<std::int64_t>() <= 0 || table["failures"].get<int>() < 1)
      return wrong(path, path + ": interval and failures must be above 0", "correct them");
    Gate gate;
    gate.name = table["name"];
    gate.query = table["query"];
    gate.service = table.value("service", "");
    if (table.contains("max")) gate.max = table["max"].get<double>();
    if (table.contains("min")) gate.min = table["min"].get<double>();
    gate.interval_ms = table["interval"];
    gate.failures = table["failures"];
    gate.consecutive_errors = table["consecutive_errors"];
    gate.on_inconclusive = table["on_inconclusive"];
    gate.on_error = table["on_error"];
    gate.approve_timeout_ms = table["approve_timeout"];
    gates.push_back(std::move(gate));
  }
  return gates;
}

std::vector<Check> parse_checks(const Value& tables, const std::string& folder) {
  std::vector<Check> checks;
  for (const auto& table : tables) {
    Check check;
    check.name = table["name"];
    check.command = table["command"].get<std::vector<std::string>>();
    check.cwd = (std::filesystem::path(folder) / table.value("cwd", "")).lexically_normal().string();
    check.timeout_ms = table["timeout"];
    checks.push_back(std::move(check));
  }
  return checks;
}

const std::vector<std::string>& channel_events() {
  static const std::vector<std::string> events = {"started",   "waiting",     "rolling_back",
                                                  "succeeded", "rolled_back", "needs_operator"};
  return events;
}

Result<std::vector<std::string>> parse_events(const Value& table, const std::string& path) {
  if (!table.contains("on")) return std::vector<std::string>{"waiting", "succeeded", "rolled_back", "needs_operator"};
  const auto valid = validate(channel_schema(), {{"on", table["on"]}}, path);
  if (!valid) return valid.error();
  auto events = (*valid)["on"].get<std::vector<std::string>>();
  const auto& known = channel_events();
  for (const auto& event : events) {
    if (std::find(known.begin(), known.end(), event) != known.end()) continue;
    const auto near = nearest(event, known);
    const auto list = fmt::format("{}", fmt::join(known, ", "));
    return wrong(
        path + ".on", fmt::format("{}.on names '{}', which is no event", path, event),
        near.empty() ? "the events are " + list : fmt::format("did you mean '{}'? The events are {}", near, list));
  }
  return events;
}

Result<std::vector<Channel>> parse_channels(const Value& tables, const std::string& folder, const Registry& registry) {
  std::vector<Channel> channels;
  if (!tables.is_array() && !(tables.is_object() && tables.empty()))
    return wrong("notify", "notify must be a list of channels", "write notify = { { type = \"webhook\", url = ... } }");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const auto path = fmt::format("notify[{}]", i + 1);
    const auto& table = tables[i];
    if (!table.is_object()) return wrong(path, path + " must be a table with a type", "write { type = \"...\", ... }");
    auto events = parse_events(table, path);
    if (!events) return events.error();
    Value rest = table;
    rest.erase("on");
    auto config = adapter_config(rest, path, folder, [&](const std::string& type) { return registry.notify(type); });
    if (!config) return config.error();
    channels.push_back({config->first, std::move(config->second), std::move(*events)});
  }
  return channels;
}

Result<App> parse(const AppFile& file, const std::string& name, const std::string& folder, const Registry& registry,
                  const ReadEnvironment& override_env) {
  const auto table = validate(app_schema(), file.table, "");
  if (!table) return table.error();
  App app;
  app.file = name;
  app.folder = folder;
  app.name = (*table)["app"];
  if (!is_label(app.name))
    return wrong("app", fmt::format("'{}' is not an app name", app.name),
                 "use at most 40 of a-z, 0-9 and -, starting with a letter");
  app.strategy = table->value("strategy", "");
  app.options = table->value("options", Value::object());
  if (app.options.is_array() && app.options.empty()) app.options = Value::object();
  app.timeout_ms = (*table)["timeout"];
  if (table->contains("window")) {
    auto window = parse_window((*table)["window"]);
    if (!window) return window.error();
    app.window = std::move(*window);
  }
  app.checks = parse_checks(table->value("checks", Value::array()), folder);
  const auto rollback = table->value("rollback", Value::object());
  app.rollback_mode = rollback.value("mode", "immediate");
  app.rollback_over_ms = rollback.value("over", app.rollback_over_ms);
  app.rollback_timeout_ms = rollback.value("timeout", app.rollback_timeout_ms);
  if (table->contains("metrics")) {
    auto metrics = adapter_config((*table)["metrics"], "metrics", folder,
                                  [&](const std::string& type) { return registry.metrics(type); });
    if (!metrics) return metrics.error();
    app.metrics = metrics->first;
    app.metrics_config = metrics->second;
  }
  auto gates = parse_gates(table->value("gates", Value::array()), !app.metrics.empty());
  if (!gates) return gates.error();
  app.gates = std::move(*gates);
  auto channels = parse_channels(table->value("notify", Value::array()), folder, registry);
  if (!channels) return channels.error();
  app.channels = std::move(*channels);
  const auto& services = (*table)["services"];
  if (!services.is_object() || services.empty())
    return wrong("services", "services must be a table of services", "add one");
  app.services = Value::object();
  for (const auto& [service_name, service_table] : services.items()) {
    auto service = parse_service(service_name, service_table, folder, registry);
    if (!service) return service.error();
    app.services[service_name] = std::move(*service);
  }
  auto order = order_of(app.services);
  if (!order) return order.error();
  app.service_order = std::move(*order);
  if (auto fine = override_durations(app.services, override_env); !fine) return fine.error();
  app.sources = file.sources;
  app.environment = file.environment;
  app.warnings = file.warnings;
  return app;
}

}  // namespace

Result<App> parse_app(const AppFile& file, const std::string& name, const std::string& folder, const Registry& registry,
                      const ReadEnvironment& override_env) {
  auto app = parse(file, name, folder, registry, override_env);
  if (!app) return located(std::move(app).error(), file, name);
  return app;
}

Result<void> check_version(const std::string& version) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
  };
  if (!version.empty() && version.size() <= 63 && std::all_of(version.begin(), version.end(), fits) && version != "." &&
      version != "..")
    return {};
  return Error("SH1011", Kind::config, fmt::format("'{}' cannot be a version", version),
               "use at most 63 of A-Z, a-z, 0-9, '.', '_' and '-'");
}

int stop_signal_of(const Value& service) {
  return signal_named(service.contains("stop") ? service["stop"].value("signal", "TERM") : "TERM");
}

}  // namespace shunt
