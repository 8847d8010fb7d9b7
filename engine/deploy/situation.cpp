#include "deploy/situation.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

namespace shunt::deploy {

namespace {

Error unknown_service_there(const std::string& who, const std::string& address) {
  return {"SH1921", Kind::config, fmt::format("nothing is recorded for this app, but {} serves at {}", who, address),
          "take it over: `shunt adopt VERSION --as blue|green`; or end it first"};
}

Error live_is_down(const std::string& service, Colour colour, const std::string& version) {
  return {"SH1922", Kind::unhealthy,
          fmt::format("{} ({}) of {} should be serving, but it does not run", version, name_of(colour), service),
          "bring it back with `shunt repair`; or `shunt repair --accept` if nothing shall serve"};
}

Error shares_differ(const std::string& service, const Weights& found, const Value& recorded) {
  return {"SH1923", Kind::adapter,
          fmt::format("the proxy of {} shows blue {} %, green {} %; recorded is blue {} %, green {} %", service,
                      found.blue, found.green, recorded.value("blue", 0), recorded.value("green", 0)),
          "apply the recorded shares with `shunt repair`; or record what the proxy shows with `shunt repair --accept`"};
}

Error are_elsewhere(const std::string& service) {
  return {"SH1923", Kind::adapter,
          fmt::format("the proxy of {} sends requests to where its instances are not any more", service),
          "tell it where they are with `shunt repair`"};
}

Error port_is_taken(const std::string& who, const std::string& address, const std::string& id) {
  return {"SH1924", Kind::config, fmt::format("{} listens at {}, where {} shall run", who, address, id),
          "end that program, or give the service another port"};
}

Error adopted_is_in_the_way(const InstanceState& instance) {
  return {"SH1933", Kind::config,
          fmt::format("{} (pid {}) still runs at {} and was adopted without --may-stop, so shunt does not end it",
                      instance.id, instance.pid, instance.address),
          "end it yourself, for example by `systemctl disable --now`; it has no traffic any more"};
}

Task<Result<void>> examine_empty(effects::Fleet& fleet) {
  for (const auto& service : fleet.deployment().next.services)
    for (const auto colour : both_colours) {
      auto runtime = fleet.runtime(service.name, colour);
      if (!runtime) {
        Result<void> no(runtime.error());
        co_return std::move(no);
      }
      for (const auto& place : service.places) {
        // Places of both colours: `next` holds those of one, its mirror those of the other.
        const auto* mirror = fleet.deployment().service(service.name, colour);
        if (mirror == nullptr || static_cast<std::size_t>(place.index) >= mirror->places.size()) continue;
        std::string address = mirror->places[static_cast<std::size_t>(place.index)].address;
        if (address.empty()) continue;
        std::string nobody;
        auto listener = co_await (*runtime)->listener(std::move(nobody), address);
        if (!listener || !listener->present) continue;
        Result<void> no(unknown_service_there(listener->who, address));
        co_return std::move(no);
      }
    }
  Result<void> fine;
  co_return std::move(fine);
}

Task<Result<void>> examine_live(effects::Fleet& fleet, Colour live) {
  const auto& side = fleet.deployment().side(live);
  for (const auto& service : side.services) {
    auto runtime = fleet.runtime(service.name, live);
    if (!runtime) {
      Result<void> no(runtime.error());
      co_return std::move(no);
    }
    std::string app = fleet.deployment().app;
    auto instances = co_await (*runtime)->list(std::move(app));
    if (!instances) {
      Result<void> no(instances.error());
      co_return std::move(no);
    }
    const bool runs = std::any_of(instances->begin(), instances->end(), [&](const InstanceState& one) {
      return one.labels.service == service.name && one.labels.color == live && one.state == "running";
    });
    if (runs) continue;
    Result<void> no(live_is_down(service.name, live, side.version));
    co_return std::move(no);
  }
  Result<void> fine;
  co_return std::move(fine);
}

Task<Result<void>> examine_shares(effects::Fleet& fleet, const store::AppState* state) {
  for (const auto& service : fleet.deployment().service_names()) {
    const auto recorded = state->shares.find(service);
    if (fleet.deployment().proxied(service) == nullptr || recorded == state->shares.end()) continue;
    auto proxy = co_await fleet.current_proxy(service);
    if (!proxy) {
      Result<void> no(proxy.error());
      co_return std::move(no);
    }
    auto view = co_await (*proxy)->observe();
    if (!view) {
      Result<void> no(view.error());
      co_return std::move(no);
    }
    if (view->effective.blue == recorded->value("blue", 0) && view->effective.green == recorded->value("green", 0))
      continue;
    Result<void> no(view->stale ? are_elsewhere(service) : shares_differ(service, view->effective, *recorded));
    co_return std::move(no);
  }
  Result<void> fine;
  co_return std::move(fine);
}

bool runs_of(const std::vector<InstanceState>& instances, const std::string& id, const std::vector<std::string>& runs) {
  return std::any_of(instances.begin(), instances.end(), [&](const InstanceState& one) {
    return one.id == id && one.state == "running" && std::find(runs.begin(), runs.end(), one.labels.run) != runs.end();
  });
}

// What was adopted without --may-stop cannot make room; it is no obstacle to its own release.
Task<Result<void>> examine_adopted(effects::Fleet& fleet, Colour colour) {
  auto instances = co_await fleet.instances();
  if (!instances) {
    Result<void> no(instances.error());
    co_return std::move(no);
  }
  for (const auto& one : *instances) {
    if (one.labels.color != colour || one.may_stop || one.state != "running") continue;
    if (one.labels.run == fleet.deployment().side(colour).release) continue;
    Result<void> no(adopted_is_in_the_way(one));
    co_return std::move(no);
  }
  Result<void> fine;
  co_return std::move(fine);
}

Task<Result<void>> examine_ports(effects::Fleet& fleet, Colour colour) {
  for (const auto& service : fleet.deployment().side(colour).services) {
    auto runtime = fleet.runtime(service.name, colour);
    if (!runtime) {
      Result<void> no(runtime.error());
      co_return std::move(no);
    }
    for (const auto& place : service.places) {
      if (place.address.empty()) continue;
      std::string id = place.id;
      std::string address = place.address;
      auto listener = co_await (*runtime)->listener(std::move(id), std::move(address));
      if (!listener || !listener->present || listener->ours) continue;
      Result<void> no(port_is_taken(listener->who, place.address, place.id));
      co_return std::move(no);
    }
  }
  Result<void> fine;
  co_return std::move(fine);
}

}  // namespace

Task<Result<void>> examine(effects::Fleet& fleet, store::AppState state, bool launches) {
  Result<void> fine;
  if (!state.live) {
    fine = co_await examine_empty(fleet);
    co_return std::move(fine);
  }
  fine = co_await examine_live(fleet, *state.live);
  if (!fine) co_return std::move(fine);
  fine = co_await examine_shares(fleet, &state);
  if (!fine || !launches) co_return std::move(fine);
  fine = co_await examine_adopted(fleet, fleet.deployment().to);
  if (!fine) co_return std::move(fine);
  fine = co_await examine_ports(fleet, fleet.deployment().to);
  co_return std::move(fine);
}

Task<Result<void>> examine_sources(effects::Fleet& fleet, std::vector<std::string> runs) {
  const auto& deployment = fleet.deployment();
  Result<void> fine;
  auto instances = co_await fleet.instances();
  if (!instances) {
    fine = instances.error();
    co_return std::move(fine);
  }
  for (const auto& service : deployment.next.services) {
    auto runtime = fleet.runtime(service.name, deployment.to);
    if (!runtime) {
      fine = runtime.error();
      co_return std::move(fine);
    }
    for (const auto& place : service.places) {
      if (runs_of(*instances, place.id, runs)) continue;
      InstanceSpec spec;
      spec.id = place.id;
      spec.release = deployment.next.release;
      spec.labels.app = deployment.app;
      spec.labels.service = service.name;
      spec.labels.color = deployment.to;
      spec.config = place.config;
      fine = co_await (*runtime)->examine(std::move(spec));
      if (!fine) co_return std::move(fine);
    }
  }
  co_return std::move(fine);
}

int exit_for(const Error& error) {
  static const std::set<std::string> for_an_operator = {"SH1802", "SH1809", "SH1921", "SH1922",
                                                        "SH1923", "SH1926", "SH1927"};
  static const std::set<std::string> locked = {"SH1806"};
  if (locked.count(error.code) != 0) return 4;
  return for_an_operator.count(error.code) != 0 ? 3 : 2;
}

Result<std::vector<std::string>> targets_of(effects::Fleet& fleet) {
  std::set<std::string> targets;
  for (const auto& service : fleet.deployment().service_names()) {
    if (fleet.deployment().proxied(service) == nullptr) continue;
    auto proxy = fleet.proxy(service);
    if (!proxy) return proxy.error();
    targets.insert((*proxy)->target());
  }
  return std::vector<std::string>(targets.begin(), targets.end());
}

Result<void> check_targets(effects::Fleet& fleet, const store::AppState& state) {
  for (const auto& service : fleet.deployment().service_names()) {
    const auto recorded = state.targets.find(service);
    if (recorded == state.targets.end() || fleet.deployment().proxied(service) == nullptr) continue;
    auto proxy = fleet.proxy(service);
    if (!proxy) return proxy.error();
    if ((*proxy)->target() == *recorded) continue;
    return Error("SH1925", Kind::config,
                 fmt::format("the proxy of {} is now {}, but the live version is served through {}", service,
                             (*proxy)->target(), recorded->get<std::string>()),
                 "change the proxy back; to move to another one, take the app down with the old one first");
  }
  return {};
}

}  // namespace shunt::deploy
