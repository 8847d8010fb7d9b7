// From the app file's description to one version in one colour.
#include <fmt/format.h>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <string_view>

#include "spec/app.hpp"

namespace shunt {

int stop_signal_of(const Value& service);
bool is_own_health(const Value& health);

namespace {

using Names = std::map<std::string, std::string>;

// Exactly the given names in braces are replaced; any other brace is literal.
std::string replaced(const std::string& source, const Names& names) {
  std::string_view text = source;
  const auto begins = [&](const auto& name) {
    return text.substr(1).starts_with(name.first) && text.substr(1 + name.first.size()).starts_with('}');
  };
  std::string result;
  while (!text.empty()) {
    const auto name = text.front() == '{' ? std::find_if(names.begin(), names.end(), begins) : names.end();
    result += name == names.end() ? text.substr(0, 1) : std::string_view(name->second);
    text.remove_prefix(name == names.end() ? 1 : name->first.size() + 2);
  }
  return result;
}

Value replaced_in(const Value& value, const Names& names) {
  if (value.is_string()) return replaced(value.get<std::string>(), names);
  if (!value.is_structured()) return value;
  Value copy = value;
  for (auto& item : copy) item = replaced_in(item, names);
  return copy;
}

std::vector<std::string> strings_in(const Value& table, const char* key, const Names& names) {
  std::vector<std::string> list;
  for (const auto& item : table.value(key, Value::array())) list.push_back(replaced(item.get<std::string>(), names));
  return list;
}

// A program given with a slash, and the working folder, start at the app file's folder.
void make_absolute(Value& config, const std::string& folder) {
  if (!config.is_object()) return;
  if (config.contains("command") || config.contains("cwd")) {
    const auto cwd = std::filesystem::path(folder) / config.value("cwd", "");
    config["cwd"] = cwd.lexically_normal().string();
  }
}

/// The addresses of a colour, one for each instance: a port, or host:port.
Value published(const Value& config, Colour colour) {
  for (const char* key : {"ports", "publish"})
    if (const auto found = config.find(key); found != config.end()) return (*found)[text_of(colour)];
  return Value::array();
}

std::string address_from(const Value& given) {
  const auto text = given.is_string() ? given.get<std::string>() : std::to_string(given.get<int>());
  return text.find(':') == std::string::npos ? "127.0.0.1:" + text : text;
}

Place place_of(const App& app, const Service& service, const Value& config, Colour colour, int index, Names names) {
  Place place;
  place.index = index;
  place.id = fmt::format("{}-{}-{}-{}", app.name, service.name, name_of(colour), index);
  if (const auto given = published(config, colour); !given.empty()) {
    place.address = address_from(given.at(static_cast<std::size_t>(index)));
    names["port"] = place.address.substr(place.address.rfind(':') + 1);
    names["address"] = place.address;
  }
  if (config.contains("port")) {
    place.port = config["port"];
    names["port"] = std::to_string(place.port);
  }
  place.config = replaced_in(config, names);
  make_absolute(place.config, app.folder);
  return place;
}

Health health_of(const Value& table, const Names& names) {
  Health health;
  if (table.contains("path")) {
    health.type = "http";
    health.path = replaced(table["path"], names);
  } else if (is_own_health(table)) {
    health.type = "own";
  } else if (table.value("tcp", false)) {
    health.type = "tcp";
  } else {
    health.type = "command";
    health.command = strings_in(table, "command", names);
  }
  health.host = table.value("host", "");
  health.port = table.value("port", 0);
  health.status = table.value("status", 0);
  health.timeout_ms = table["timeout"];
  health.interval_ms = table["interval"];
  health.successes = table["successes"];
  return health;
}

SmokeTest smoke_of(const Value& table, const Names& names, const std::string& folder) {
  SmokeTest test;
  test.method = table["method"];
  test.path = replaced(table.value("path", ""), names);
  test.headers = replaced_in(table.value("headers", Value::object()), names);
  test.status = table.value("status", 0);
  test.contains = replaced(table.value("contains", ""), names);
  test.command = strings_in(table, "command", names);
  test.cwd = folder;
  test.timeout_ms = table["timeout"];
  test.name = table.value("name", test.path.empty() && !test.command.empty() ? test.command.front() : test.path);
  return test;
}

Verify verify_of(const Value& table, const Names& names) {
  Verify verify;
  verify.url = replaced(table["url"], names);
  verify.header = replaced(table["header"], names);
  verify.equals = replaced(table["equals"], names);
  verify.consecutive = table["consecutive"];
  verify.timeout_ms = table["timeout"];
  return verify;
}

Service service_of(const App& app, const std::string& name, const std::string& version, Colour colour) {
  const auto& table = app.services[name];
  const Names names = {{"app", app.name}, {"service", name}, {"color", text_of(colour)}, {"version", version}};
  Service service;
  service.name = name;
  service.runtime = table["runtime"]["type"];
  service.runtime_config = replaced_in(table["runtime"]["config"], names);
  const auto& config = table["runtime"]["config"];
  const auto count = std::max(published(config, colour).size(), std::size_t{1});
  for (std::size_t i = 0; i < count; ++i)
    service.places.push_back(place_of(app, service, config, colour, static_cast<int>(i), names));
  if (table.contains("health")) service.health = health_of(table["health"], names);
  for (const auto& test : table.value("smoke", Value::array()))
    service.smoke.push_back(smoke_of(test, names, app.folder));
  if (table.contains("proxy")) {
    service.proxy = table["proxy"]["type"];
    service.proxy_config = replaced_in(table["proxy"]["config"], {{"app", app.name}, {"service", name}});
  }
  if (table.contains("verify")) service.verify = verify_of(table["verify"], names);
  service.drain_ms = table["drain"];
  service.stop_signal = stop_signal_of(table);
  service.stop_grace_ms = table.contains("stop") ? table["stop"]["grace"].get<std::int64_t>() : 10'000;
  service.after = table.value("after", std::vector<std::string>{});
  service.singleton = table.value("singleton", false);
  service.prepares = table["runtime"].value("prepares", false);
  return service;
}

}  // namespace

Services resolve(const App& app, const std::string& version, Colour colour) {
  Services services;
  for (const auto& name : app.service_order) services.push_back(service_of(app, name, version, colour));
  return services;
}

std::vector<Gate> resolve_gates(const App& app, const std::string& version, Colour colour) {
  auto gates = app.gates;
  for (auto& gate : gates) {
    Names names = {{"app", app.name}, {"color", text_of(colour)}, {"version", version}};
    if (!gate.service.empty()) names["service"] = gate.service;
    gate.query = replaced(gate.query, names);
  }
  return gates;
}

}  // namespace shunt
