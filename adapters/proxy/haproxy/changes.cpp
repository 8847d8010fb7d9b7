#include "adapters/proxy/haproxy/changes.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <utility>

#include "adapters/proxy/no_address.hpp"

namespace shunt::haproxy {

namespace {

/// What of a server's absence `state ready` ends; the rest is inherited or comes from its name.
constexpr unsigned liftable = forced_maintenance | forced_drain;

bool is_lifted(const std::vector<const Server*>& servers, const std::vector<int>& wanted) {
  long now = 0;
  long then = 0;
  bool all_out = true;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    now += servers[i]->stat.configured;
    then += wanted[i];
    all_out = all_out && is_taken_out(*servers[i]);
  }
  return then > now || (then > 0 && all_out);
}

Error not_kept(const Server& server, const Change& change) {
  const auto reads = fmt::format("weight {}, {}", server.stat.configured, server.stat.status);
  return Error("SH1506", Kind::adapter,
               fmt::format("HAProxy did not keep what it was told: server '{}' was to have weight {}{}, but reads {}",
                           server.name, change.weight,
                           change.close  ? " and be in maintenance"
                           : change.lift ? " and be ready"
                                         : "",
                           reads),
               "look for another program that sets it, an agent check, or a server that it tracks")
      .with({{"server", server.name},
             {"wanted", change.weight},
             {"weight", server.stat.configured},
             {"status", server.stat.status},
             {"admin_state", server.state.admin}});
}

Error not_placed(const Server& server, const Change& change) {
  return Error("SH1506", Kind::adapter,
               fmt::format("HAProxy did not keep what it was told: server '{}' was to be at {}, but reads {}",
                           server.name, change.address, server.state.address),
               "look for another program that sets its address, or `resolvers` that do")
      .with({{"server", server.name}, {"wanted", change.address}, {"address", server.state.address}});
}

Error not_an_address(const Place& place, const std::string& address) {
  return Error("SH1504", Kind::config,
               fmt::format("an instance is at '{}', which HAProxy at {} cannot be told: it takes numbers, no names",
                           address, place.socket),
               "let haproxy.cfg say where the servers are");
}

/// Host, without brackets, and port.
std::optional<std::pair<std::string, int>> split_address(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  int port = 0;
  const char* end = address.data() + address.size();
  const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, port);
  unsigned char bytes[sizeof(in6_addr)];
  const bool is_host =
      ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
  if (!is_host || error != std::errc() || stop != end || port < 1 || port > 65535) return std::nullopt;
  return std::pair(std::move(host), port);
}

int weight_of(const Place& place, const Backend& backend, Colour color) {
  long sum = 0;
  for (const auto& server : backend.servers)
    if (server.color == color) sum += server.stat.configured;
  return scale_of(place).colour_weight(sum);
}

/// Whether each instance has a server, and one of them an address.
Result<void> check_reachable(const Place& place, Colour color) {
  const auto& servers = place.servers[color];
  const auto& instances = place.instances[color];
  if (instances.size() > servers.size()) return too_few_servers(place, color);
  if (std::any_of(instances.begin(), instances.end(), [](const std::string& one) { return !one.empty(); })) return {};
  return adapters::no_address_yet(color);
}

}  // namespace

Error too_few_servers(const Place& place, Colour color) {
  const auto& servers = place.servers[color];
  return Error("SH1504", Kind::config,
               fmt::format("backend '{}' of the HAProxy at {} has {} servers for {} ({}), which has {} instances",
                           place.backend, place.socket, servers.size(), name_of(color), fmt::join(servers, ", "),
                           place.instances[color].size()),
               fmt::format("add servers to haproxy.cfg, and their names to `servers.{}`", name_of(color)))
      .with({{"servers", servers}, {"instances", place.instances[color]}});
}

Changes changes_to(const Place& place, const Backend& backend, Weights weights) {
  const auto scale = scale_of(place);
  Changes changes;
  for (const Colour color : both_colours) {
    std::vector<const Server*> servers;
    for (const auto& server : backend.servers)
      if (server.color == color) servers.push_back(&server);
    auto wanted = scale.server_weights(color, weights[color]);
    wanted.resize(servers.size());  // nobody is behind the others
    const bool lift = is_lifted(servers, wanted);
    for (std::size_t i = 0; i < servers.size(); ++i) {
      const int now = servers[i]->stat.configured;
      const bool out = lift && (servers[i]->state.admin & liftable) != 0;
      if (wanted[i] == now && !out) continue;
      auto& side = wanted[i] < now ? changes.lower : changes.raise;
      side.push_back({servers[i]->name, wanted[i], out});
      // After maintenance HAProxy calls a server up, whatever it was before.
      side.back().doubt = out && servers[i]->must_move() && servers[i]->state.is_checked;
    }
  }
  return changes;
}

Result<std::vector<Change>> changes_to_close(const Backend& backend, Colour color) {
  std::vector<Change> changes;
  for (const auto& server : backend.servers) {
    if (server.color != color) continue;
    if (server.stat.configured > 0)
      return Error(
          "SH1506", Kind::adapter,
          fmt::format("server '{}' has a weight of {}, so it is not taken out", server.name, server.stat.configured),
          "send its traffic elsewhere first");
    if ((server.state.admin & forced_maintenance) != 0) continue;
    changes.push_back({server.name, server.stat.configured, false, true});
  }
  return changes;
}

Result<std::vector<Change>> changes_to_place(const Place& place, const Backend& backend, Weights weights) {
  std::vector<Change> changes;
  if (!place.tells_addresses) return changes;
  for (const Colour color : both_colours) {
    if (weights[color] == 0) continue;  // who is on the way out keeps its address to its last request
    if (weights[color] > weight_of(place, backend, color))
      if (auto reachable = check_reachable(place, color); !reachable) return reachable.error();
    for (const auto& server : backend.servers) {
      if (server.color != color || !server.must_move()) continue;
      if (!split_address(*server.at)) return not_an_address(place, *server.at);
      const bool is_idle = server.stat.configured == 0;
      changes.push_back({server.name, server.stat.configured, false, false, *server.at,
                         server.state.is_checked && (is_idle || *server.at == nowhere)});
    }
  }
  return changes;
}

std::vector<std::string> commands_for(const Place& place, const std::vector<Change>& changes) {
  std::vector<std::string> commands;
  for (const auto& change : changes) {
    const auto server = fmt::format("set server {}/{} ", place.backend, change.server);
    if (const auto address = split_address(change.address)) {
      commands.push_back(fmt::format("{}addr {} port {}", server, address->first, address->second));
      if (change.doubt) commands.push_back(server + "health down");
      continue;
    }
    if (change.close) {
      commands.push_back(server + "state maint");
      continue;
    }
    const auto weight = fmt::format("{}weight {}", server, change.weight);
    if (change.doubt) {
      commands.insert(commands.end(), {server + "state ready", server + "health down", weight});
      continue;
    }
    commands.push_back(weight);
    if (change.lift) commands.push_back(server + "state ready");
  }
  return commands;
}

Result<void> check_kept(const Backend& backend, const std::vector<Change>& changes) {
  for (const auto& change : changes) {
    const auto is_it = [&](const Server& server) { return server.name == change.server; };
    const auto server = std::find_if(backend.servers.begin(), backend.servers.end(), is_it);
    if (server == backend.servers.end()) continue;
    if (!change.address.empty() && server->state.address != change.address) return not_placed(*server, change);
    if (server->stat.configured != change.weight) return not_kept(*server, change);
    if (change.lift && is_taken_out(*server)) return not_kept(*server, change);
    if (change.close && (server->state.admin & forced_maintenance) == 0) return not_kept(*server, change);
  }
  return {};
}

}  // namespace shunt::haproxy
