#include "adapters/runtime/docker/container.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <ctime>
#include <map>

#include "adapters/runtime/docker/labels.hpp"

namespace shunt::adapters::docker {

namespace {

std::string signal_text(int number) {
  static const std::map<int, const char*> names = {{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"},   {SIGQUIT, "SIGQUIT"},
                                                   {SIGHUP, "SIGHUP"},   {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"},
                                                   {SIGKILL, "SIGKILL"}};
  const auto found = names.find(number);
  return found == names.end() ? std::to_string(number) : found->second;
}

Value environment_list(const Value& environment) {
  Value list = Value::array();
  for (const auto& [name, value] : environment.items())
    list.push_back(name + "=" + (value.is_string() ? value.get<std::string>() : to_text(value)));
  return list;
}

/// "127.0.0.1:3000" in host and port; the host is what the spec's address says.
std::pair<std::string, std::string> split(const std::string& address) {
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return {host, address.substr(colon + 1)};
}

Value endpoint_with(const InstanceSpec& spec) {
  const auto usual = fmt::format("{}-{}", spec.labels.service, name_of(spec.labels.color));
  return {{"Aliases", spec.config.value("aliases", Value::array({usual}))}};
}

Value limits_of(const Value& config) {
  Value limits = Value::object();
  if (const auto memory = bytes_in(config.value("memory", Value()))) limits["Memory"] = *memory;
  if (config.contains("cpus")) limits["NanoCpus"] = std::llround(config["cpus"].get<double>() * 1e9);
  return limits;
}

Value host_side(const InstanceSpec& spec) {
  const auto& config = spec.config;
  Value host = limits_of(config);
  const bool again = config.value("restart", "always") != "never";
  host["RestartPolicy"] = {{"Name", again ? "unless-stopped" : "no"}};
  if (config.contains("volumes")) host["Binds"] = config["volumes"];
  const auto networks = config.value("networks", Value::array());
  if (!networks.empty()) host["NetworkMode"] = networks.front();
  if (config.contains("publish") && !spec.address.empty()) {
    const auto [address, port] = split(spec.address);
    const auto key = fmt::format("{}/tcp", config.value("port", 0));
    host["PortBindings"] = {{key, Value::array({{{"HostIp", address}, {"HostPort", port}}})}};
  }
  return host;
}

const Value& member(const Value& object, const char* name) {
  static const Value nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::string text_at(const Value& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::int64_t number_at(const Value& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool flag_at(const Value& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

int whole_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "3000"}], "81/tcp": null}
std::vector<Published> published_in(const Value& ports) {
  std::vector<Published> all;
  if (!ports.is_object()) return all;
  for (const auto& [inside, bindings] : ports.items()) {
    if (!bindings.is_array()) continue;
    for (const auto& binding : bindings) {
      Published one;
      one.host = text_at(binding, "HostIp");
      one.port = whole_number(text_at(binding, "HostPort"));
      one.inside = whole_number(inside);
      if (one.host.empty()) one.host = "0.0.0.0";
      if (one.port > 0) all.push_back(std::move(one));
    }
  }
  return all;
}

std::vector<std::string> addresses_in(const Value& networks) {
  std::vector<std::string> all;
  if (!networks.is_object()) return all;
  for (const auto& [name, network] : networks.items())
    if (auto address = text_at(network, "IPAddress"); !address.empty()) all.push_back(std::move(address));
  return all;
}

/// An engine's word for it in ours. Podman says "stopped" of what has just ended, and may start it again.
std::string state_named(const std::string& status, bool starts_again) {
  if (status == "running" || status == "restarting" || status == "paused") return status;
  if (status == "created" || status == "configured" || status == "initialized") return "starting";
  if (status == "stopping") return "running";
  return status == "stopped" && starts_again ? "restarting" : "exited";
}

std::string last_line(const Value& log) {
  if (!log.is_array() || log.empty()) return "";
  auto text = text_at(log.back(), "Output");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const auto line = text.rfind('\n');
  if (line != std::string::npos) text.erase(0, line + 1);
  return text.substr(0, 300);
}

void read_state(const Value& said, const Value& inspected, Container& container) {
  auto& state = container.state;
  const auto status = text_at(said, "Status");
  const auto policy = text_at(member(member(inspected, "HostConfig"), "RestartPolicy"), "Name");
  state.state = state_named(status, !policy.empty() && policy != "no");
  state.started = unix_ms(text_at(said, "StartedAt"));
  state.restarts = static_cast<int>(number_at(inspected, "RestartCount"));
  if (state.state == "running") state.pid = number_at(said, "Pid");
  container.is_created = state.state == "starting";
  container.lives = state.state != "exited" && !container.is_created;
  if (state.state == "restarting" || state.state == "exited")
    state.exit_code = static_cast<int>(number_at(said, "ExitCode"));
  const auto& health = member(said, "Health").is_null() ? member(said, "Healthcheck") : member(said, "Health");
  state.health = text_at(health, "Status");
  if (state.health == "none") state.health.clear();
  container.health_note = last_line(member(health, "Log"));
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
std::int64_t unix_seconds(const std::tm& time) {
  std::tm copy = time;
  return ::timegm(&copy);
}

}  // namespace

Value creation_of(const InstanceSpec& spec, const Value& environment, const std::string& image) {
  const auto& config = spec.config;
  Value body = {{"Image", image},
                {"Labels", labels_of(spec)},
                {"Env", environment_list(environment)},
                {"HostConfig", host_side(spec)}};
  if (spec.stop_signal != SIGTERM) body["StopSignal"] = signal_text(spec.stop_signal);
  if (config.contains("command")) body["Cmd"] = config["command"];
  if (config.contains("entrypoint")) body["Entrypoint"] = config["entrypoint"];
  if (config.contains("user")) body["User"] = config["user"];
  if (config.contains("port"))
    body["ExposedPorts"] = {{fmt::format("{}/tcp", config["port"].get<int>()), Value::object()}};
  const auto networks = config.value("networks", Value::array());
  if (!networks.empty())
    body["NetworkingConfig"] = {{"EndpointsConfig", {{networks.front().get<std::string>(), endpoint_with(spec)}}}};
  return body;
}

std::vector<std::pair<std::string, Value>> further_networks(const InstanceSpec& spec, const std::string& container) {
  std::vector<std::pair<std::string, Value>> all;
  const auto networks = spec.config.value("networks", Value::array());
  for (std::size_t i = 1; i < networks.size(); ++i)
    all.emplace_back(networks[i], Value{{"Container", container}, {"EndpointConfig", endpoint_with(spec)}});
  return all;
}

std::optional<Container> container_in(const Value& inspected) {
  const auto& said = member(inspected, "State");
  const auto& config = member(inspected, "Config");
  Container container;
  container.id = text_at(inspected, "Id");
  if (container.id.empty() || !said.is_object()) return std::nullopt;
  container.name = text_at(inspected, "Name");
  if (container.name.starts_with('/')) container.name.erase(0, 1);
  container.image = text_at(config, "Image");
  container.project = text_at(member(config, "Labels"), "com.docker.compose.project");
  container.has_terminal = flag_at(config, "Tty");
  container.is_ours = read_labels(member(config, "Labels"), container.state);
  container.port = whole_number(text_at(member(config, "Labels"), "shunt.port"));
  read_state(said, inspected, container);
  const auto& network = member(inspected, "NetworkSettings");
  container.published = published_in(member(network, "Ports"));
  container.addresses = addresses_in(member(network, "Networks"));
  if (container.addresses.empty())
    if (auto address = text_at(network, "IPAddress"); !address.empty())
      container.addresses.push_back(std::move(address));
  return container;
}

std::string address_of(const Container& container, int port, const std::string& machine) {
  if (container.state.state != "running") return "";
  for (const auto& one : container.published) {
    if (port != 0 && one.inside != port) continue;
    const bool any = one.host == "0.0.0.0" || one.host == "::";
    const bool loops = machine != "127.0.0.1" && one.host.starts_with("127.");
    return fmt::format("{}:{}", any || loops ? machine : one.host, one.port);
  }
  if (port == 0 || container.addresses.empty()) return "";
  return fmt::format("{}:{}", container.addresses.front(), port);
}

std::int64_t unix_ms(std::string_view text) {
  std::tm time = {};
  char rest[48] = {};
  const std::string copy(text.substr(0, 60));
  const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%47s", &time.tm_year, &time.tm_mon, &time.tm_mday,
                               &time.tm_hour, &time.tm_min, &time.tm_sec, rest);
  if (read < 7 || time.tm_year < 1970) return 0;
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  std::string_view tail = rest;
  std::int64_t thousandths = 0;
  if (tail.starts_with('.')) {
    const auto end = std::min(tail.find_first_not_of("0123456789", 1), tail.size());
    thousandths = whole_number(std::string(tail.substr(1, std::min<std::size_t>(3, end - 1))) +
                               std::string(4 - std::min<std::size_t>(4, end), '0'));
    tail.remove_prefix(end);
  }
  std::int64_t offset = 0;
  if (tail.size() == 6 && (tail[0] == '+' || tail[0] == '-'))
    offset = (tail[0] == '-' ? -60 : 60) * (whole_number(tail.substr(1, 2)) * 60 + whole_number(tail.substr(4, 2)));
  return (unix_seconds(time) - offset) * 1000 + thousandths;
}

std::optional<std::int64_t> bytes_in(const Value& size) {
  if (size.is_number_integer())
    return size.get<std::int64_t>() > 0 ? std::optional(size.get<std::int64_t>()) : std::nullopt;
  if (!size.is_string()) return std::nullopt;
  const auto& text = size.get_ref<const std::string&>();
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(read.ptr, text.data() + text.size());
  static const std::map<std::string, int> powers = {{"", 0},   {"b", 0},   {"k", 10}, {"kb", 10},
                                                    {"m", 20}, {"mb", 20}, {"g", 30}, {"gb", 30}};
  std::string lower = unit;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const auto power = powers.find(lower);
  if (read.ec != std::errc() || number <= 0 || power == powers.end() ||
      number > (std::int64_t{1} << 62 >> power->second))
    return std::nullopt;
  return number << power->second;
}

}  // namespace shunt::adapters::docker
