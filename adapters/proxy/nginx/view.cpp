#include "adapters/proxy/nginx/view.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace shunt::nginx {

namespace {

constexpr const char* cost_of_reloads =
    "each switch reloads nginx, which closes idle keep-alive connections: a client that does not repeat lost requests "
    "may see an error";

void add_note(ProxyView& view, const std::string& note) {
  view.note += (view.note.empty() ? "" : "; ") + note;
}

/// nginx asks nobody for their health: whoever is not taken out is used at once.
void add_server(ProxyView& view, Colour color, const std::string& address, bool taken_out) {
  ServerView server;
  server.name = address;
  server.address = address;
  server.color = color;
  server.state = taken_out ? "maint" : "unchecked";
  server.weight = view.weights[color];
  server.usable = !taken_out;
  view.usable[color] += server.usable ? 1 : 0;
  view.servers.push_back(std::move(server));
}

bool is_out(const std::vector<Server>& standing, const std::string& address) {
  return std::any_of(standing.begin(), standing.end(),
                     [&](const Server& server) { return server.address == address && (server.down || server.backup); });
}

bool stands(const std::vector<Server>& standing, const std::string& address) {
  return std::any_of(standing.begin(), standing.end(), [&](const Server& one) { return one.address == address; });
}

bool is_told(const std::vector<Server>& standing, const std::vector<std::string>& addresses) {
  return std::equal(standing.begin(), standing.end(), addresses.begin(), addresses.end(),
                    [](const Server& one, const std::string& address) { return one.address == address; });
}

/// How many of a colour's servers are instances.
struct Part {
  std::size_t instances = 0;
  std::size_t servers = 0;
};

PerColour<Part> instances_in(const Linked& section, const Announced& announced) {
  PerColour<Part> parts;
  for (const Colour color : both_colours) {
    const auto& known = announced.addresses[color];
    const auto& standing = section.servers[color];
    const auto is_instance = [&](const Server& one) {
      return !announced.found || std::find(known.begin(), known.end(), one.address) != known.end();
    };
    parts[color].servers = standing.size();
    parts[color].instances = static_cast<std::size_t>(std::count_if(standing.begin(), standing.end(), is_instance));
  }
  return parts;
}

/// Of requests that all its servers get alike.
int part_of(int share, const Part& part) {
  if (part.instances == part.servers) return share;
  return static_cast<int>(static_cast<std::size_t>(share) * part.instances / part.servers);
}

void note_strangers(ProxyView& view, const Weighted& section) {
  const auto strangers = section.strangers();
  if (strangers.empty()) return;
  std::string names;
  for (const auto& server : strangers) names += (names.empty() ? "" : ", ") + server.address;
  add_note(view, fmt::format("{} in the upstream is neither color's, and leaves it with the next switch", names));
}

}  // namespace

ProxyView view_of(const Sight& sight, const Weighted& section, const Announced& announced) {
  ProxyView view;
  view.started = sight.running.started;
  view.cost = cost_of_reloads;
  view.weights = section.present ? section.weights : Weights();
  if (section.present)
    view.effective = sight.has_read ? section.shares() : shares_of(section.before.blue, section.before.green, 0);
  view.stale = section.stale;
  const bool all_down = view.weights == Weights(0, 0) && !section.by_hand;
  const auto known = with_announced(section.known, announced);
  for (const Colour color : both_colours) {
    for (const auto& one : known[color])
      add_server(view, color, one.address,
                 (!all_down && is_out(section.standing, one.address)) ||
                     (view.stale && view.weights[color] > 0 && !stands(section.standing, one.address)));
    if (section.present && sight.has_read && view.weights[color] == 0) view.in_flight[color] = sight.running.leaving();
  }
  note_strangers(view, section);
  if (section.present && !sight.has_read)
    add_note(view, "the file was changed after nginx read it: it takes effect with the next reload");
  return view;
}

ProxyView view_of(const Sight& sight, const Linked& section, const Pointer& pointer, const Announced& announced) {
  ProxyView view;
  view.started = sight.running.started;
  if (section.present) view.weights = pointer.weights;
  const auto servers = with_announced(section.servers, announced);
  const auto present = instances_in(section, announced);
  for (const Colour color : both_colours) {
    const bool must_be_there = announced.found && section.present && view.weights[color] > 0;
    view.stale = view.stale || (must_be_there && !is_told(section.servers[color], announced.addresses[color]));
    for (const auto& server : servers[color])
      add_server(view, color, server.address,
                 is_out(section.servers[color], server.address) ||
                     (must_be_there && !stands(section.servers[color], server.address)));
  }
  if (!section.present) return view;
  if (!pointer.leads)
    add_note(view, pointer.present ? fmt::format("the link leads to {}, so blue gets everything", pointer.target)
                                   : std::string("the link is missing, so blue gets everything"));
  if (!sight.closed.empty())
    add_note(view, fmt::format("nginx's workers may not enter {}, so blue gets everything", sight.closed.string()));
  if (!sight.has_read) add_note(view, "the file was changed after nginx read it: it takes effect with the next reload");
  if (sight.has_read || !section.first) view.effective = sight.closed.empty() ? pointer.shares : Weights(100, 0);
  for (const Colour color : both_colours)
    view.effective[color] = view.usable[color] == 0 ? 0 : part_of(view.effective[color], present[color]);
  return view;
}

}  // namespace shunt::nginx
