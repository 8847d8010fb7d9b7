#include "effects/address.hpp"

#include <fmt/format.h>

namespace shunt::effects {

namespace {

std::string with_replaced(std::string text, const std::string& name, const std::string& value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
    text.replace(at, name.size(), value);
  return text;
}

std::string url_of(const std::string& address, const std::string& path) {
  return fmt::format("http://{}{}{}", address, path.empty() || path[0] != '/' ? "/" : "", path);
}

Value argv_of(const std::vector<std::string>& command, const std::string& address) {
  Value argv = Value::array();
  for (const auto& part : command) argv.push_back(aimed_at(part, address));
  return argv;
}

}  // namespace

Address split_address(const std::string& address) {
  const auto colon = address.rfind(':');
  Address parts;
  if (colon == std::string::npos) {
    parts.host = address;
    return parts;
  }
  parts.host = address.substr(0, colon);
  parts.port = address.substr(colon + 1);
  if (parts.host.size() > 2 && parts.host.front() == '[') parts.host = parts.host.substr(1, parts.host.size() - 2);
  return parts;
}

std::string aimed_at(const std::string& text, const std::string& address) {
  return with_replaced(with_replaced(text, "{address}", address), "{port}", split_address(address).port);
}

Call health_probe(const Health& health, const Place& place, const std::string& at, std::int64_t timeout_ms) {
  auto address = at;
  if (!health.host.empty() || health.port != 0) {
    const auto parts = split_address(address);
    address = fmt::format("{}:{}", health.host.empty() ? parts.host : health.host,
                          health.port != 0 ? std::to_string(health.port) : parts.port);
  }
  if (health.type == "tcp") return Call("probe.tcp", {{"address", address}, {"timeout_ms", timeout_ms}});
  if (health.type == "command")
    return Call("probe.command", {{"argv", argv_of(health.command, address)},
                                  {"cwd", place.config.value("cwd", "")},
                                  {"timeout_ms", timeout_ms}});
  Value args = {{"url", url_of(address, health.path)}, {"timeout_ms", timeout_ms}};
  if (health.status != 0) args["status"] = health.status;
  return Call("probe.http", std::move(args));
}

Call smoke_probe(const SmokeTest& test, const std::string& address) {
  if (!test.command.empty())
    return Call("probe.command",
                {{"argv", argv_of(test.command, address)}, {"cwd", test.cwd}, {"timeout_ms", test.timeout_ms}});
  Value args = {{"method", test.method},
                {"url", url_of(address, test.path)},
                {"headers", test.headers},
                {"timeout_ms", test.timeout_ms}};
  if (test.status != 0) args["status"] = test.status;
  if (!test.contains.empty()) args["contains"] = test.contains;
  return Call("probe.http", std::move(args));
}

}  // namespace shunt::effects
