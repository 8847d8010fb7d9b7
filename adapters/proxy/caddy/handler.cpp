#include "adapters/proxy/caddy/handler.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "adapters/proxy/caddy/replies.hpp"

namespace shunt::caddy {

namespace {

constexpr int deepest = 100;  // of a configuration that is walked
constexpr std::size_t most_places = 5;

std::string text_at(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Everything but the policy's own name, in the order of the keys: "cookie shop".
std::string policy_in(const Value& handler) {
  const auto balancing = handler.find("load_balancing");
  if (balancing == handler.end() || !balancing->is_object()) return "random";
  const auto policy = balancing->find("selection_policy");
  if (policy == balancing->end() || !policy->is_object()) return "random";
  auto text = text_at(*policy, "policy");
  for (const auto& [key, value] : policy->items())
    if (key != "policy") text += " " + (value.is_string() ? value.get<std::string>() : to_text(value));
  return text;
}

std::optional<int> weight_in(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > 100) return std::nullopt;
  return number;
}

/// What shunt wrote into an @id.
struct Mark {
  Weights weights;
  std::optional<Addresses> addresses{};
};

/// "127.0.0.1:1,127.0.0.1:2".
std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (comma > 0) list.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

/// Of an @id "MARK:100:50", or "MARK:100:50 BLUE GREEN", each a list of addresses.
std::optional<Mark> read_mark(std::string_view id, const std::string& mark) {
  if (!id.starts_with(mark + ":")) return std::nullopt;
  id.remove_prefix(mark.size() + 1);
  const auto blank = std::min(id.find(' '), id.size());
  const auto weights = id.substr(0, blank);
  const auto colon = weights.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto blue = weight_in(weights.substr(0, colon));
  const auto green = weight_in(weights.substr(colon + 1));
  if (!blue || !green) return std::nullopt;
  Mark read{Weights(*blue, *green)};
  if (blank == id.size()) return read;
  id.remove_prefix(blank + 1);
  const auto between = std::min(id.find(' '), id.size());
  read.addresses = Addresses(listed(id.substr(0, between)), listed(id.substr(std::min(between + 1, id.size()))));
  return read;
}

std::string text_of(const std::string& mark, Weights weights, const Announced& announced) {
  const auto text = fmt::format("{}:{}:{}", mark, weights.blue, weights.green);
  if (!announced.found) return text;
  return fmt::format("{} {} {}", text, fmt::join(announced.addresses.blue, ","),
                     fmt::join(announced.addresses.green, ","));
}

/// What stands in the list for these weights.
std::vector<std::string> dials_for(Weights weights, const Announced& announced, bool hashed) {
  auto dials = spread(repetitions(weights, announced.addresses, !hashed), announced.addresses, hashed);
  if (dials.empty() && announced.found && weights != Weights()) dials.emplace_back(nowhere);
  return dials;
}

bool is_mark(const std::string& id) {
  return id.starts_with("shunt:");
}

/// What an operator wrote into the entry of each address.
std::map<std::string, Value> entries_of(const Handler& handler) {
  std::map<std::string, Value> entries;
  for (auto one : handler.upstreams) {
    if (is_mark(text_at(one, "@id"))) one.erase("@id");
    const auto address = plain(text_at(one, "dial"));
    entries.emplace(address, std::move(one));
  }
  return entries;
}

bool is_handler(const Value& value) {
  return value.is_object() && text_at(value, "handler") == "reverse_proxy";
}

void add_places(std::vector<std::string>& places, const Value& value, const std::string& path, int depth) {
  if (depth > deepest || places.size() >= most_places) return;
  if (is_handler(value)) {
    const auto handler = handler_in(value);
    const auto dials = handler ? handler->dials() : std::vector<std::string>();
    places.push_back(path + (dials.empty() ? "" : " (" + dials.front() + ")"));
    return;
  }
  if (value.is_object())
    for (const auto& [key, inner] : value.items()) add_places(places, inner, path + "/" + key, depth + 1);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      add_places(places, value[i], path + "/" + std::to_string(i), depth + 1);
}

}  // namespace

std::vector<std::string> Handler::dials() const {
  std::vector<std::string> dials;
  for (const auto& one : upstreams) dials.push_back(text_at(one, "dial"));
  return dials;
}

Result<Handler> handler_in(const Value& value) {
  if (!is_handler(value))
    return Error("SH1504", Kind::config, "what stands there in Caddy's configuration is no reverse_proxy handler",
                 "correct `id` or `path`");
  Handler handler;
  handler.policy = policy_in(value);
  handler.finds_upstreams = value.contains("dynamic_upstreams") && !value["dynamic_upstreams"].is_null();
  const auto list = value.find("upstreams");
  handler.lists_upstreams = list != value.end();
  if (!handler.lists_upstreams || list->is_null()) return handler;
  if (!list->is_array() || !std::all_of(list->begin(), list->end(), [](const Value& one) { return one.is_object(); }))
    return unexpected("its upstreams", to_text(*list));
  handler.upstreams = *list;
  return handler;
}

Spreading spreading_of(const std::string& policy) {
  static const std::map<std::string, Spreading> known = {
      {"random", Spreading::exact},         {"round_robin", Spreading::exact},     {"cookie", Spreading::exact},
      {"ip_hash", Spreading::hashed},       {"client_ip_hash", Spreading::hashed}, {"uri_hash", Spreading::hashed},
      {"header", Spreading::hashed},        {"query", Spreading::hashed},          {"least_conn", Spreading::roughly},
      {"random_choose", Spreading::roughly}};
  const auto found = known.find(policy.substr(0, policy.find(' ')));
  return found == known.end() ? Spreading::never : found->second;
}

Value upstreams_for(const Handler& handler, const Announced& announced, Weights weights, const std::string& mark) {
  const bool hashed = spreading_of(handler.policy) == Spreading::hashed;
  const auto entries = entries_of(handler);
  Value list = Value::array();
  std::set<std::string> seen;
  for (const auto& dial : dials_for(weights, announced, hashed)) {
    const auto address = plain(dial);
    const auto found = entries.find(address);
    auto entry = found == entries.end() ? Value::object() : found->second;
    if (!seen.insert(address).second) entry.erase("@id");
    entry["dial"] = dial;
    list.push_back(std::move(entry));
  }
  for (auto& entry : list) {
    if (entry.contains("@id")) continue;
    entry["@id"] = text_of(mark, weights, announced);
    break;
  }
  return list;
}

std::optional<Weights> marked_weights(const Handler& handler, const Announced& announced, const std::string& mark) {
  const auto dials = handler.dials();
  const bool hashed = spreading_of(handler.policy) == Spreading::hashed;
  for (const auto& one : handler.upstreams) {
    const auto marked = read_mark(text_at(one, "@id"), mark);
    if (!marked) continue;
    const Announced then{marked->addresses.value_or(announced.addresses), marked->addresses.has_value()};
    if (dials == dials_for(marked->weights, then, hashed)) return marked->weights;
    const auto counts = count(dials, then.addresses);
    const auto wanted = count(dials_for(marked->weights, then, false), then.addresses);
    if (counts.strangers.empty() && wanted.of == counts.of) return marked->weights;
  }
  return std::nullopt;
}

Weights weights_of(const Handler& handler, const Announced& announced, const std::string& mark) {
  const auto marked = marked_weights(handler, announced, mark);
  return marked ? *marked : count(handler.dials(), announced.addresses).shares();
}

std::vector<std::string> places_of_handlers(const Value& config) {
  std::vector<std::string> places;
  add_places(places, config, "/config", 0);
  return places;
}

}  // namespace shunt::caddy
