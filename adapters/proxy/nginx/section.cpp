#include "adapters/proxy/nginx/section.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

namespace shunt::nginx {

namespace {

constexpr int most_share = 100;
constexpr std::string_view nowhere = "127.0.0.1:9";  ///< of a colour without servers: nginx wants one, even if down

/// "100 50" as weights.
std::optional<Weights> weights_in(std::string_view text) {
  Weights weights;
  const char* end = text.data() + text.size();
  const auto blue = std::from_chars(text.data(), end, weights.blue);
  if (blue.ec != std::errc() || blue.ptr == end || *blue.ptr != ' ') return std::nullopt;
  const auto green = std::from_chars(blue.ptr + 1, end, weights.green);
  if (green.ec != std::errc() || green.ptr != end) return std::nullopt;
  for (const Colour color : both_colours)
    if (weights[color] < 0 || weights[color] > most_share) return std::nullopt;
  return weights;
}

/// "127.0.0.1:3000 max_fails=3", if it may stand in a server's line.
std::optional<Known> known_in(std::string_view text) {
  if (!are_plain_words(text)) return std::nullopt;
  const auto file = parse_upstreams(fmt::format("upstream one {{ server {}; }}", text));
  if (!file || file->upstreams.size() != 1 || file->upstreams.front().servers.size() != 1) return std::nullopt;
  const auto& server = file->upstreams.front().servers.front();
  return Known{server.address, server.more};
}

struct Notes {
  PerColour<std::vector<Known>> known;
  std::optional<Weights> weights;
  std::optional<Weights> before;
};

Notes read_notes(const std::vector<std::string>& notes) {
  Notes read;
  for (const std::string_view note : notes) {
    const auto space = note.find(' ');
    if (space == std::string_view::npos) continue;
    const auto word = note.substr(0, space);
    const auto rest = note.substr(space + 1);
    if (word == "weights") read.weights = weights_in(rest);
    if (word == "before") read.before = weights_in(rest);
    const auto color = colour_named(word);
    if (!color) continue;
    if (auto one = known_in(rest)) read.known[*color].push_back(std::move(*one));
  }
  return read;
}

bool has(const std::vector<Known>& known, const std::string& address) {
  return std::any_of(known.begin(), known.end(), [&](const Known& one) { return one.address == address; });
}

bool has(const std::vector<std::string>& addresses, const std::string& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

std::optional<Colour> colour_of(const std::string& address, const PerColour<std::vector<Known>>& known) {
  for (const Colour color : both_colours)
    if (has(known[color], address)) return color;
  return std::nullopt;
}

/// Servers that somebody wrote there by hand become known by the colour that announces them.
void meet(Weighted& section, const Addresses& announced) {
  for (const Colour color : both_colours) {
    for (const auto& address : announced[color]) {
      auto& others = section.known[other(color)];
      std::erase_if(others, [&](const Known& one) { return one.address == address; });
    }
    for (const auto& server : section.standing)
      if (has(announced[color], server.address) && !has(section.known[color], server.address))
        section.known[color].push_back({server.address, server.more});
  }
  for (const Colour color : both_colours)
    for (auto& one : section.known[color])
      for (const auto& server : section.standing)
        if (server.address == one.address) one.more = server.more;
}

/// Where addresses are found at run time, a server that is no instance's is nobody's. What is known of a colour that
/// gets nothing stays noted.
void leave_instances(Weighted& section, const Addresses& found, Weights noted) {
  for (const Colour color : both_colours) {
    if (!section.by_hand && noted[color] == 0) continue;
    std::erase_if(section.known[color], [&](const Known& one) { return !has(found[color], one.address); });
  }
}

bool is_in_use(const Server& server) {
  return !server.down && !server.backup;
}

/// Whether nginx shares requests out alike, whatever else stands in the lines.
bool shares_alike(const std::vector<Server>& a, const std::vector<Server>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Server& one, const Server& two) {
    return one.address == two.address && one.weight == two.weight && one.down == two.down && one.backup == two.backup;
  });
}

std::string server_line(const Server& server) {
  return fmt::format("  server {}{}{}{}{};\n", server.address,
                     server.weight == 1 ? "" : fmt::format(" weight={}", server.weight), server.backup ? " backup" : "",
                     server.more.empty() ? "" : " " + server.more, server.down ? " down" : "");
}

std::string lines_text(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "  " + line + "\n";
  return text;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + '"';
}

std::string colour_block(const std::string& name, Colour color, const Linked& section) {
  auto text = fmt::format("upstream {}_{} {{\n", name, name_of(color));
  if (color == Colour::blue) {
    text += "  # written by shunt: servers are replaced, other lines of this block are kept\n";
    text += fmt::format("  # shunt before {}\n", section.first ? "nothing" : "link");
  }
  for (const auto& server : section.servers[color]) text += server_line(server);
  if (section.servers[color].empty()) text += fmt::format("  server {} down;\n", nowhere);
  return text + lines_text(section.lines[color]) + "}\n";
}

std::string choice_at(const std::string& name, int share) {
  if (share == 0) return name + "_blue";
  return share == most_share ? name + "_green" : fmt::format("$shunt{}_{}", share, name);
}

Known taken_over(const std::vector<Known>& now, const std::string& address) {
  const auto found = std::find_if(now.begin(), now.end(), [&](const Known& one) { return one.address == address; });
  return found == now.end() ? Known{address, ""} : *found;
}

Server taken_over(const std::vector<Server>& now, const std::string& address) {
  const auto found = std::find_if(now.begin(), now.end(), [&](const Server& one) { return one.address == address; });
  return found == now.end() ? Server{address} : Server{address, 1, false, false, found->more};
}

template <typename T>
PerColour<std::vector<T>> replaced(PerColour<std::vector<T>> now, const Announced& announced, Weights weights) {
  for (const Colour color : both_colours) {
    if (!announced.says(color) || (announced.found && weights[color] == 0)) continue;
    std::vector<T> wanted;
    for (const auto& address : announced.addresses[color]) wanted.push_back(taken_over(now[color], address));
    now[color] = std::move(wanted);
  }
  return now;
}

}  // namespace

Weights shares_of(long blue, long green, long others) {
  const auto all = blue + green + others;
  const auto percent = [&](long part, long rest) {
    if (part == 0) return 0;
    const auto rounded = std::lround(100.0 * double(part) / double(all));
    return static_cast<int>(std::clamp(rounded, 1L, rest == 0 ? 100L : 99L));
  };
  if (others == 0 && blue > 0 && green > 0) {
    const int share = percent(green, blue);
    return Weights(most_share - share, share);
  }
  return Weights(percent(blue, green + others), percent(green, blue + others));
}

Weights Weighted::shares() const {
  PerColour<long> sums;
  long others = 0;
  for (const auto& server : standing) {
    if (!is_in_use(server)) continue;
    const auto color = colour_of(server.address, known);
    (color ? sums[*color] : others) += server.weight;
  }
  return shares_of(sums.blue, sums.green, others);
}

std::vector<Server> Weighted::strangers() const {
  std::vector<Server> found;
  for (const auto& server : standing)
    if (!colour_of(server.address, known) && !(server.address == nowhere && server.down)) found.push_back(server);
  return found;
}

Weighted read_weighted(const UpstreamFile& file, const std::string& name, const Announced& announced) {
  Weighted section;
  const auto* upstream = file.upstream(name);
  if (upstream == nullptr) return section;
  section.present = true;
  section.standing = upstream->servers;
  section.lines = upstream->lines;
  const auto notes = read_notes(upstream->notes);
  section.known = notes.known;
  const auto noted = notes.weights.value_or(Weights());
  section.by_hand = !notes.weights || !shares_alike(servers_for(noted, notes.known), section.standing);
  if (announced.found && !section.by_hand) {
    const auto wanted = servers_for(noted, with_announced(notes.known, announced, noted));
    section.stale = !shares_alike(wanted, section.standing);
  }
  meet(section, announced.addresses);
  if (announced.found) leave_instances(section, announced.addresses, noted);
  section.weights = section.by_hand ? section.shares() : noted;
  // Behind shunt's back nginx runs what shunt wrote last; without its notes nobody knows what it runs.
  section.before = section.by_hand ? notes.weights.value_or(section.weights) : notes.before.value_or(noted);
  return section;
}

std::vector<Server> servers_for(Weights weights, const PerColour<std::vector<Known>>& known) {
  const bool none = weights == Weights(0, 0);
  PerColour<long> each(1, 1);
  if (weights.blue > 0 && weights.green > 0) {
    each.blue = weights.blue * std::max(1L, static_cast<long>(known.green.size()));
    each.green = weights.green * std::max(1L, static_cast<long>(known.blue.size()));
    const auto divisor = std::gcd(each.blue, each.green);
    each = PerColour<long>(each.blue / divisor, each.green / divisor);
  }
  std::vector<Server> servers;
  for (const Colour color : both_colours) {
    if (weights[color] == 0 && !none) continue;
    for (const auto& one : known[color]) servers.push_back({one.address, each[color], none, false, one.more});
  }
  if (servers.empty()) servers.push_back({std::string(nowhere), 1, true});
  return servers;
}

std::string write_weighted(const std::string& name, const Weighted& section) {
  auto text = fmt::format("upstream {} {{\n", name);
  text += "  # written by shunt: servers are replaced, other lines of this block are kept\n";
  text += fmt::format("  # shunt weights {} {}\n", section.weights.blue, section.weights.green);
  text += fmt::format("  # shunt before {} {}\n", section.before.blue, section.before.green);
  for (const Colour color : both_colours)
    for (const auto& one : section.known[color])
      text += fmt::format("  # shunt {} {}{}{}\n", name_of(color), one.address, one.more.empty() ? "" : " ", one.more);
  for (const auto& server : servers_for(section.weights, section.known)) text += server_line(server);
  return text + lines_text(section.lines) + "}\n";
}

Linked read_linked(const UpstreamFile& file, const std::string& name) {
  Linked section;
  section.present = file.has_variable("$shunt_" + name) && file.upstream(name + "_" + std::string(nobody)) != nullptr;
  for (const Colour color : both_colours) {
    const auto* upstream = file.upstream(fmt::format("{}_{}", name, name_of(color)));
    section.present = section.present && upstream != nullptr;
    if (upstream == nullptr) continue;
    section.lines[color] = upstream->lines;
    for (const auto& server : upstream->servers)
      if (server.address != nowhere) section.servers[color].push_back(server);
    const auto& notes = upstream->notes;
    section.first = section.first || std::find(notes.begin(), notes.end(), "before nothing") != notes.end();
  }
  return section;
}

std::string write_linked(const std::string& name, const std::string& split, const std::string& folder,
                         const Linked& section) {
  auto text = colour_block(name, Colour::blue, section) + colour_block(name, Colour::green, section);
  text += fmt::format("upstream {}_{} {{\n  server {} down;\n}}\n", name, nobody, nowhere);
  for (int share = 1; share < most_share; ++share)
    text += fmt::format("split_clients \"{0}\" $shunt{1}_{2} {{ {1}% {2}_green; * {2}_blue; }}\n", split, share, name);
  text += fmt::format("map $realpath_root $shunt_{0} {{\n  default {0}_blue;\n", name);
  for (int share = 0; share <= most_share; ++share)
    text += fmt::format("  {} {};\n", quoted(fmt::format("{}/{}", folder, share)), choice_at(name, share));
  text += fmt::format("  {} {}_{};\n", quoted(fmt::format("{}/{}", folder, nobody)), name, nobody);
  return text + "}\n";
}

PerColour<std::vector<Known>> with_announced(PerColour<std::vector<Known>> now, const Announced& announced) {
  return replaced(std::move(now), announced, Weights(100, 100));
}

PerColour<std::vector<Server>> with_announced(PerColour<std::vector<Server>> now, const Announced& announced) {
  return replaced(std::move(now), announced, Weights(100, 100));
}

PerColour<std::vector<Known>> with_announced(PerColour<std::vector<Known>> now, const Announced& announced,
                                             Weights weights) {
  return replaced(std::move(now), announced, weights);
}

PerColour<std::vector<Server>> with_announced(PerColour<std::vector<Server>> now, const Announced& announced,
                                              Weights weights) {
  return replaced(std::move(now), announced, weights);
}

}  // namespace shunt::nginx
