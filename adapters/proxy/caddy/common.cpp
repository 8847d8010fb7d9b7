#include "adapters/proxy/caddy/common.hpp"

#include <fmt/format.h>
#include <set>

#include "adapters/proxy/no_address.hpp"

namespace shunt::caddy {

namespace {

constexpr int most_weight = 100;

}  // namespace

std::optional<Error> no_weights(Weights weights) {
  for (const Colour color : both_colours)
    if (weights[color] < 0 || weights[color] > most_weight)
      return Error(
          "SH1505", Kind::config,
          fmt::format("{} cannot have the weight {}: weights go from 0 to 100", name_of(color), weights[color]),
          "give a weight from 0 to 100");
  return std::nullopt;
}

std::optional<Error> unreachable(const Addresses& addresses, Weights weights, Weights now, bool found) {
  for (const Colour color : both_colours) {
    const bool is_nobody = weights[color] > 0 && addresses[color].empty();
    if (found && is_nobody && weights[color] > now[color]) return adapters::no_address_yet(color);
    if (!found && is_nobody)
      return Error("SH1504", Kind::config,
                   fmt::format("{} cannot get requests: nobody says where its instances answer", name_of(color)),
                   "give the service's runtime ports for that color");
    for (const auto& address : addresses[color])
      if (!is_address(address))
        return Error("SH1504", Kind::config, fmt::format("'{}' is no address that Caddy can have", address),
                     "give a host and a port");
  }
  return std::nullopt;
}

Error too_late(const std::string& what, Milliseconds timeout) {
  Error error("SH1502", Kind::timeout, fmt::format("{} within {}", what, to_text(timeout)),
              "look what keeps Caddy, or raise `timeout`");
  error.retryable = true;
  return error;
}

void add_servers(ProxyView& view, const Addresses& addresses) {
  for (const Colour color : both_colours)
    for (const auto& address : addresses[color]) {
      ServerView server;
      server.name = address;
      server.address = address;
      server.color = color;
      server.state = "unchecked";
      server.weight = view.weights[color];
      server.usable = true;
      ++view.usable[color];
      view.servers.push_back(std::move(server));
    }
}

void leave_out_but(ProxyView& view, Colour color, const std::vector<std::string>& dials) {
  std::set<std::string> told;
  for (const auto& dial : dials) told.insert(plain(dial));
  for (auto& server : view.servers) {
    if (server.color != color || view.weights[color] == 0 || told.contains(server.address)) continue;
    server.usable = false;
    --view.usable[color];
  }
}

PerColour<std::optional<int>> in_flight(const Addresses& addresses, const std::map<std::string, int>& requests) {
  std::map<std::string, int> known;
  for (const auto& [dial, number] : requests) known[plain(dial)] += number;
  PerColour<std::optional<int>> result;
  for (const Colour color : both_colours) {
    int sum = 0;
    bool all = !addresses[color].empty();
    for (const auto& address : addresses[color]) {
      const auto found = known.find(address);
      all = all && found != known.end();
      if (found != known.end()) sum += found->second;
    }
    if (all) result[color] = sum;
  }
  return result;
}

void add_note(ProxyView& view, const std::string& note) {
  view.note += (view.note.empty() ? "" : "; ") + note;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  std::set<std::string> seen;
  for (const auto& word : words)
    if (seen.insert(word).second) text += (text.empty() ? "" : between) + word;
  return text;
}

}  // namespace shunt::caddy
