#include "adapters/proxy/haproxy/changes.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "adapters/proxy/haproxy/weights.hpp"

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

}  // namespace

Changes changes_to(const Place& place, const Backend& backend, Weights weights) {
  const auto count = [&](Colour color) { return static_cast<int>(place.servers[color].size()); };
  const Scale scale(PerColour<int>(count(Colour::blue), count(Colour::green)));
  Changes changes;
  for (const Colour color : both_colours) {
    std::vector<const Server*> servers;
    for (const auto& server : backend.servers)
      if (server.color == color) servers.push_back(&server);
    const auto wanted = scale.server_weights(color, weights[color]);
    const bool lift = is_lifted(servers, wanted);
    for (std::size_t i = 0; i < servers.size(); ++i) {
      const int now = servers[i]->stat.configured;
      const bool out = lift && (servers[i]->state.admin & liftable) != 0;
      if (wanted[i] == now && !out) continue;
      auto& side = wanted[i] < now ? changes.lower : changes.raise;
      side.push_back({servers[i]->name, wanted[i], out, false});
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

std::vector<std::string> commands_for(const Place& place, const std::vector<Change>& changes) {
  std::vector<std::string> commands;
  for (const auto& change : changes) {
    const auto server = fmt::format("set server {}/{} ", place.backend, change.server);
    if (change.close) {
      commands.push_back(server + "state maint");
      continue;
    }
    commands.push_back(fmt::format("{}weight {}", server, change.weight));
    if (change.lift) commands.push_back(server + "state ready");
  }
  return commands;
}

Result<void> check_kept(const Backend& backend, const std::vector<Change>& changes) {
  for (const auto& change : changes) {
    const auto is_it = [&](const Server& server) { return server.name == change.server; };
    const auto server = std::find_if(backend.servers.begin(), backend.servers.end(), is_it);
    if (server == backend.servers.end()) continue;
    if (server->stat.configured != change.weight) return not_kept(*server, change);
    if (change.lift && is_taken_out(*server)) return not_kept(*server, change);
    if (change.close && (server->state.admin & forced_maintenance) == 0) return not_kept(*server, change);
  }
  return {};
}

}  // namespace shunt::haproxy
