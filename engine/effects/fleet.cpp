#include "effects/fleet.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace shunt::effects {

namespace {

constexpr int most_instances = 1'000;  ///< an index beyond it is no instance's, whoever wrote it into a label

Error no_such_service(const std::string& service) {
  return {"SH1905", Kind::config, fmt::format("there is no service '{}' here", service),
          "name a service of the app file"};
}

Error no_images(std::string why) {
  return {"SH1442", Kind::config, why + ", so there is nothing that could build or push one",
          "name a service whose runtime has images with `service`, or run your own command with exec.run"};
}

}  // namespace

Result<Runtime*> Fleet::runtime_of(const Service& service) {
  auto& runtime = runtimes_[service.runtime + "\n" + encode(service.runtime_config)];
  if (!runtime) {
    auto adapter = registry_.runtime(service.runtime);
    if (!adapter) return adapter.error();
    runtime = (*adapter)->make(context_, service.runtime_config);
  }
  return runtime.get();
}

Result<Runtime*> Fleet::runtime(const std::string& service, Colour colour) {
  const auto* found = deployment_.service(service, colour);
  if (found == nullptr) found = deployment_.service(service, other(colour));
  if (found == nullptr) return no_such_service(service);
  return runtime_of(*found);
}

// By the new version's description, where both colors have the service: that is what is built for.
Result<Images*> Fleet::images(const std::string& service) {
  if (!service.empty()) {
    auto keeper = runtime(service, deployment_.to);
    if (!keeper) return keeper.error();
    if (auto* images = (*keeper)->images()) return images;
    return no_images(fmt::format("the runtime of {} starts nothing from images", service));
  }
  for (const auto& name : deployment_.service_names()) {
    auto keeper = runtime(name, deployment_.to);
    if (!keeper) return keeper.error();
    if (auto* images = (*keeper)->images()) return images;
  }
  return no_images(fmt::format("no service of {} is started from images", deployment_.app));
}

Result<std::vector<Runtime*>> Fleet::runtimes() {
  std::vector<Runtime*> all;
  for (const auto colour : both_colours)
    for (const auto& service : deployment_.side(colour).services) {
      auto runtime = runtime_of(service);
      if (!runtime) return runtime.error();
      if (std::find(all.begin(), all.end(), *runtime) == all.end()) all.push_back(*runtime);
    }
  return all;
}

Task<Result<std::vector<InstanceState>>> Fleet::instances() {
  std::map<std::string, InstanceState> by_id;
  auto all = runtimes();
  if (!all) {
    Result<std::vector<InstanceState>> no(all.error());
    co_return std::move(no);
  }
  for (auto* runtime : *all) {
    std::string app = deployment_.app;
    auto listed = co_await runtime->list(std::move(app));
    if (!listed) co_return std::move(listed);
    for (auto& instance : *listed) by_id.emplace(instance.id, std::move(instance));
  }
  std::vector<InstanceState> sorted;
  for (auto& [id, instance] : by_id) sorted.push_back(std::move(instance));
  Result<std::vector<InstanceState>> result(std::move(sorted));
  co_return std::move(result);
}

Task<Result<std::string>> Fleet::logs(InstanceState instance, int lines) {
  auto keeper = runtime(instance.labels.service, instance.labels.color);
  if (!keeper) {
    Result<std::string> no(keeper.error());
    co_return std::move(no);
  }
  std::string id = std::move(instance.id);
  auto text = co_await (*keeper)->logs(std::move(id), lines);
  co_return std::move(text);
}

PerColour<std::vector<std::string>> Fleet::addresses_of(const std::string& service) const {
  PerColour<std::vector<std::string>> addresses;
  for (const auto colour : both_colours) {
    const auto* found = deployment_.service(service, colour);
    if (found == nullptr) continue;
    for (const auto& place : found->places)
      if (!place.address.empty()) addresses[colour].push_back(place.address);
  }
  return addresses;
}

Result<Proxy*> Fleet::proxy(const std::string& service) {
  const auto* found = deployment_.proxied(service);
  if (found == nullptr) return no_such_service(service);
  auto& proxy = proxies_[service];
  if (!proxy) {
    auto adapter = registry_.proxy(found->proxy);
    if (!adapter) return adapter.error();
    proxy = (*adapter)->make(context_, found->proxy_config);
    proxy->instances_at(addresses_of(service));
  }
  return proxy.get();
}

bool Fleet::is_found_later(const std::string& service) const {
  for (const auto colour : both_colours) {
    const auto* found = deployment_.service(service, colour);
    if (found == nullptr) continue;
    const auto& places = found->places;
    if (std::any_of(places.begin(), places.end(), [](const Place& place) { return place.is_found_later(); }))
      return true;
  }
  return false;
}

/// In order of index: what is said beforehand, else what the runtime says now.
PerColour<std::vector<std::string>> Fleet::places_of(const std::string& service,
                                                     const std::vector<InstanceState>& instances) const {
  PerColour<std::map<int, std::string>> by_index;
  for (const auto colour : both_colours) {
    const auto* found = deployment_.service(service, colour);
    if (found == nullptr) continue;
    for (const auto& place : found->places)
      if (place.port != 0 || !place.address.empty()) by_index[colour].emplace(place.index, place.address);
  }
  for (const auto& instance : instances) {
    if (instance.labels.service != service || instance.index < 0 || instance.index >= most_instances) continue;
    auto& address = by_index[instance.labels.color][instance.index];
    if (address.empty()) address = instance.address;
  }
  PerColour<std::vector<std::string>> places;
  for (const auto colour : both_colours)
    for (const auto& [index, address] : by_index[colour]) {
      places[colour].resize(static_cast<std::size_t>(index) + 1);
      places[colour].back() = address;
    }
  return places;
}

Task<Result<Proxy*>> Fleet::current_proxy(std::string service) {
  auto result = proxy(service);
  if (!result || !is_found_later(service)) co_return std::move(result);
  auto instances_now = co_await instances();
  if (!instances_now) {
    Result<Proxy*> no(instances_now.error());
    co_return std::move(no);
  }
  auto places = places_of(service, *instances_now);
  (*result)->instances_found_at(std::move(places));
  co_return std::move(result);
}

Result<Metrics*> Fleet::metrics() {
  if (deployment_.metrics.empty())
    return Error("SH1003", Kind::config, "metrics is missing in the app file, so nothing can be queried",
                 "add metrics = { type = ..., ... }");
  if (!metrics_) {
    auto adapter = registry_.metrics(deployment_.metrics);
    if (!adapter) return adapter.error();
    metrics_ = (*adapter)->make(context_, deployment_.metrics_config);
  }
  return metrics_.get();
}

}  // namespace shunt::effects
