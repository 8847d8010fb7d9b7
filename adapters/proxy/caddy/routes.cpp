#include "adapters/proxy/caddy/routes.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

#include "adapters/proxy/caddy/handler.hpp"
#include "adapters/proxy/caddy/share_file.hpp"

namespace shunt::caddy {

namespace {

constexpr int deepest_routes = 100;
// Hashing gives each entry a place of its own on a ring; the more there are, the nearer are the shares to what they are
// said to be.
constexpr int hashed_entries = 5;

std::string policy_for(const std::string& policy, const std::string& service) {
  return policy == "cookie" ? "cookie shunt_" + service : policy;
}

std::vector<std::string> dials_for(const Addresses& addresses, Weights parts, bool hashed) {
  auto times = repetitions(parts, addresses, !hashed);
  if (hashed)
    for (const Colour color : both_colours) times[color] *= hashed_entries;
  return spread(times, addresses, hashed);
}

/// The name in { "file": { "root": FOLDER, "try_files": [ "/SERVICE.SHARE" ] } }.
std::optional<std::string> share_in(const Value& route, const std::string& folder, const std::string& service) {
  const auto pointer = Value::json_pointer("/match/0/file/try_files/0");
  const auto root = Value::json_pointer("/match/0/file/root");
  if (!route.is_object() || !route.contains(pointer) || !route.contains(root)) return std::nullopt;
  const auto& name = route.at(pointer);
  if (!name.is_string() || route.at(root) != folder) return std::nullopt;
  if (route["match"].size() != 1 || route["match"][0].size() != 1) return std::nullopt;
  auto text = name.get<std::string>();
  if (text.starts_with('/')) text.erase(0, 1);
  if (!text.starts_with(service + ".")) return std::nullopt;
  text.erase(0, service.size() + 1);
  const auto& names = share_names();
  return std::find(names.begin(), names.end(), text) != names.end() ? std::optional(text) : std::nullopt;
}

std::optional<Step> step_in(const Value& route, std::string share) {
  const auto pointer = Value::json_pointer("/handle/0");
  if (!route.is_object() || !route.contains(pointer)) return std::nullopt;
  const auto handler = handler_in(route.at(pointer));
  if (!handler) return std::nullopt;
  return Step{std::move(share), handler->dials(), handler->finds_upstreams ? "dynamic" : handler->policy};
}

Steps steps_of(const Value& routes, const std::string& folder, const std::string& service) {
  Steps steps;
  for (const auto& route : routes) {
    const auto share = share_in(route, folder, service);
    const bool is_rest = !share && !steps.empty() && route.is_object() && !route.contains("match");
    if (!share && !is_rest) continue;
    auto step = step_in(route, share.value_or(""));
    if (step) steps.push_back(std::move(*step));
    if (step && is_rest) break;
  }
  return steps;
}

void add_steps(std::vector<Steps>& found, const Value& value, const std::string& folder, const std::string& service,
               int depth) {
  if (depth > deepest_routes || !value.is_structured()) return;
  if (value.is_array()) {
    auto steps = steps_of(value, folder, service);
    if (!steps.empty()) return found.push_back(std::move(steps));
  }
  for (const auto& inner : value) add_steps(found, inner, folder, service, depth + 1);
}

}  // namespace

Steps steps_for(const Addresses& addresses, const std::string& policy, const std::string& service) {
  const bool hashed = policy == "ip_hash";
  const auto full = policy_for(policy, service);
  Steps steps;
  for (const auto& share : share_names()) steps.push_back({share, dials_for(addresses, parts_of(share), hashed), full});
  steps.push_back({"", dials_for(addresses, parts_of("0"), hashed), full});
  return steps;
}

std::string text_of(const Steps& steps, const std::filesystem::path& folder, const std::string& service) {
  std::string text = "# shunt writes this file for the service " + service +
                     ", and names beside it which of these routes counts. Import it where the\n"
                     "# requests of the service shall be passed on; a change here is overwritten.\n";
  for (const auto& step : steps) {
    const auto matcher = step.share.empty() ? "" : fmt::format(" @shunt_{}_{}", service, step.share);
    if (!step.share.empty())
      text += fmt::format("\n{} file {{\n\troot \"{}\"\n\ttry_files \"/{}.{}\"\n}}\n", matcher.substr(1),
                          folder.string(), service, step.share);
    text += "reverse_proxy" + matcher;
    for (const auto& dial : step.dials) text += " " + dial;
    text += fmt::format(" {{\n\tlb_policy {}\n}}\n", step.policy);
  }
  return text;
}

std::vector<Steps> steps_in(const Value& config, const std::filesystem::path& folder, const std::string& service) {
  std::vector<Steps> found;
  add_steps(found, config, folder.string(), service, 0);
  return found;
}

Addresses addresses_in(const Steps& steps) {
  Addresses addresses;
  for (const Colour color : both_colours) {
    const auto* step = step_for(steps, color == Colour::blue ? "0" : "100");
    if (step == nullptr) continue;
    for (const auto& dial : step->dials) {
      auto address = plain(dial);
      if (!is_address(address)) continue;
      auto& list = addresses[color];
      if (std::find(list.begin(), list.end(), address) == list.end()) list.push_back(std::move(address));
    }
  }
  return addresses;
}

const Step* step_for(const Steps& steps, const std::string& share) {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.share == share; });
  if (found != steps.end()) return &*found;
  return share.empty() ? nullptr : step_for(steps, "");
}

}  // namespace shunt::caddy
