#include "adapters/proxy/haproxy/view.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "shunt/schema.hpp"

namespace shunt::haproxy {

namespace {

constexpr int starting = 1;
constexpr int running = 2;

template <typename Row>
const Row* row_named(const std::vector<Row>& rows, const std::string& server) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.server == server; });
  return found == rows.end() ? nullptr : &*found;
}

Error no_such_server(const Place& place, const std::string& name, const std::vector<StatRow>& stats) {
  std::vector<std::string> known;
  for (const auto& row : stats)
    if (!row.is_backend) known.push_back(row.server);
  const auto near = nearest(name, known);
  const auto remedy = near.empty() ? fmt::format("its servers are {}", fmt::join(known, ", "))
                                   : fmt::format("did you mean '{}'?", near);
  return Error("SH1504", Kind::config,
               fmt::format("backend '{}' of the HAProxy at {} has no server '{}'", place.backend, place.socket, name),
               remedy)
      .with({{"servers", known}});
}

std::optional<std::string> address_for(const Place& place, Colour color, std::size_t server) {
  if (!place.tells_addresses) return std::nullopt;
  const auto& instances = place.instances[color];
  const bool is_known = server < instances.size() && !instances[server].empty();
  return is_known ? instances[server] : std::string(nowhere);
}

bool is_usable(const Server& server, const std::string& state) {
  const bool runs = server.state.running == starting || server.state.running == running;
  return runs && server.is_at_instance() && !server.stat.is_backup && (state == "up" || state == "unchecked");
}

/// Percentages of the requests that servers of these weights get. A colour that gets any has at least 1, one that
/// shares has at most 99: rounding must not make a colour look idle.
Weights shares_of(PerColour<long> weights, long others) {
  Weights shares;
  const double sum = static_cast<double>(weights.blue + weights.green + others);
  for (const Colour color : both_colours) {
    const long weight = weights[color];
    if (weight <= 0) continue;
    const bool is_alone = weights[other(color)] + others == 0;
    const auto percent = static_cast<int>(std::lround(100.0 * static_cast<double>(weight) / sum));
    shares[color] = is_alone ? 100 : std::clamp(percent, 1, 99);
  }
  // 12.5 and 87.5 are both rounded up.
  if (others == 0 && shares.blue + shares.green > 100) --(weights.blue >= weights.green ? shares.blue : shares.green);
  return shares;
}

/// What the algorithm of a backend makes of weights.
struct Balance {
  bool is_shiftable;
  std::string note;
};

Balance balance_of(const std::string& algorithm) {
  if (algorithm == "static-rr")
    return {false, "`balance static-rr` takes no other weights than 0 and 100 while it runs; use roundrobin"};
  if (algorithm == "first")
    return {false, "`balance first` fills one server after the other and knows no shares; use roundrobin or leastconn"};
  for (const char* hash : {"source", "uri", "url_param", "hdr", "rdp-cookie", "hash"})
    if (algorithm == hash)
      return {true, fmt::format("`balance {}` shifts clients instead of requests, and only with `hash-type consistent`",
                                hash)};
  return {true, ""};
}

void add_note(ProxyView& view, const std::string& note) {
  if (note.empty()) return;
  if (!view.note.empty()) view.note += "; ";
  view.note += note;
}

void describe_backend(ProxyView& view, const Backend& backend, const std::string& level) {
  const auto balance = balance_of(backend.algorithm);
  view.shiftable = balance.is_shiftable && level == "admin";
  if (level != "admin")
    add_note(view, fmt::format("the socket is of level {}: weights can only be set at level admin", level));
  add_note(view, balance.note);
  view.sticky = !backend.cookie.empty();
  if (!backend.cookie.empty())
    add_note(view, fmt::format("cookie {} keeps clients on their server, also at weight 0", backend.cookie));
  std::string names;
  for (const auto& row : backend.others)
    if (!row.is_backup && row.weight > 0) names += (names.empty() ? "" : ", ") + row.server;
  if (!names.empty()) add_note(view, "the backend has servers of neither color: " + names);
}

/// Weight of the servers that belong to neither colour and get requests.
long weight_of_others(const Backend& backend) {
  long sum = 0;
  for (const auto& row : backend.others)
    if (!row.is_backup && (row.status.starts_with("UP") || row.status == "no check")) sum += row.weight;
  return sum;
}

}  // namespace

Scale scale_of(const Place& place) {
  PerColour<int> counts;
  for (const Colour color : both_colours) {
    const auto servers = place.servers[color].size();
    const auto instances = place.tells_addresses ? place.instances[color].size() : servers;
    counts[color] = static_cast<int>(instances == 0 ? servers : std::min(servers, instances));
  }
  const auto most = std::max(place.servers.blue.size(), place.servers.green.size());
  return Scale(counts, static_cast<int>(most));
}

Result<Backend> backend_of(const Place& place, const std::vector<StatRow>& stats, const std::vector<StateRow>& states) {
  Backend backend;
  for (const Colour color : both_colours) {
    for (std::size_t i = 0; i < place.servers[color].size(); ++i) {
      const auto& name = place.servers[color][i];
      const auto* stat = row_named(stats, name);
      const auto* state = row_named(states, name);
      if (!stat || !state || stat->is_backend) return no_such_server(place, name, stats);
      backend.servers.push_back({name, color, *stat, *state, address_for(place, color, i)});
    }
  }
  for (const auto& row : stats) {
    const auto is_row = [&](const Server& server) { return server.name == row.server; };
    if (row.is_backend) {
      backend.algorithm = row.algorithm;
      backend.cookie = row.cookie;
    } else if (std::none_of(backend.servers.begin(), backend.servers.end(), is_row)) {
      backend.others.push_back(row);
    }
  }
  return backend;
}

Result<std::string> state_of(const Server& server) {
  const auto& status = server.stat.status;
  const auto begins = [&](const char* word) { return status.starts_with(word); };
  if ((server.state.admin & any_maintenance) != 0 || begins("MAINT")) return std::string("maint");
  if ((server.state.admin & any_drain) != 0 || begins("NOLB")) return std::string("drain");
  // Some versions call a healthy server of weight 0 drained, too.
  if (begins("DRAIN")) return std::string(server.stat.configured == 0 ? "up" : "drain");
  if (begins("UP")) return std::string("up");
  if (begins("DOWN")) return std::string("down");
  if (status == "no check") return std::string("unchecked");
  return Error("SH1503", Kind::adapter,
               fmt::format("HAProxy gives server '{}' a status that shunt does not know", server.name),
               "check the version of HAProxy (2.2 or later)")
      .with({{"text", status}});
}

bool is_taken_out(const Server& server) {
  return (server.state.admin & (any_maintenance | any_drain)) != 0;
}

Result<ProxyView> view_of(const Place& place, const Backend& backend, const std::string& level) {
  ProxyView view;
  const auto scale = scale_of(place);
  PerColour<long> configured;
  PerColour<long> effective;
  PerColour<long> requests;
  for (const auto& server : backend.servers) {
    auto state = state_of(server);
    if (!state) return std::move(state).error();
    ServerView seen;
    seen.name = server.name;
    seen.color = server.color;
    seen.address = server.state.address;
    seen.state = *state;
    seen.weight = scale.colour_weight_of_server(server.color, server.stat.configured);
    seen.usable = is_usable(server, *state);
    view.stale = view.stale || server.is_stale();
    configured[server.color] += server.stat.configured;
    requests[server.color] += static_cast<long>(server.stat.queued) + server.stat.sessions;
    if (seen.usable) effective[server.color] += server.stat.weight;
    if (seen.usable) ++view.usable[server.color];
    view.servers.push_back(std::move(seen));
  }
  for (const Colour color : both_colours) {
    view.weights[color] = scale.colour_weight(configured[color]);
    view.in_flight[color] = static_cast<int>(std::min<long>(requests[color], 1'000'000'000));
  }
  view.effective = shares_of(effective, weight_of_others(backend));
  describe_backend(view, backend, level);
  return view;
}

}  // namespace shunt::haproxy
