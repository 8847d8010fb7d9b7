#include <fmt/format.h>
#include <algorithm>

#include "effects/address.hpp"
#include "effects/live.hpp"

namespace shunt::effects {

namespace {

Colour colour_of(const Call& call) {
  return colour_named(call.args.value("color", "blue")).value_or(Colour::blue);
}

const Place* place_at(const Service& service, int index) {
  for (const auto& place : service.places)
    if (place.index == index) return &place;
  return nullptr;
}

Error no_place(const std::string& service, Colour colour) {
  return {"SH1905", Kind::config, fmt::format("there is no service '{}' in {} here", service, name_of(colour)),
          "name a service of the app file"};
}

Outcome good(bool ok, Value more) {
  more["ok"] = ok;
  return Outcome(std::move(more));
}

}  // namespace

Value to_value(const InstanceState& instance) {
  Value value = {{"id", instance.id},
                 {"service", instance.labels.service},
                 {"color", name_of(instance.labels.color)},
                 {"version", instance.labels.version},
                 {"run", instance.labels.run},
                 {"index", instance.index},
                 {"state", instance.state},
                 {"address", instance.address},
                 {"pid", instance.pid},
                 {"started", instance.started},
                 {"restarts", instance.restarts}};
  if (instance.exit_code) value["exit_code"] = *instance.exit_code;
  if (instance.adopted) value["adopted"] = true;
  if (!instance.may_stop) value["may_stop"] = false;
  if (!instance.health.empty()) value["health"] = instance.health;
  return value;
}

Task<Outcome> Live::instances_start(Call call) {
  const auto colour = colour_of(call);
  const std::string name = call.args.value("service", "");
  const auto* service = fleet_.deployment().service(name, colour);
  const auto* place = service == nullptr ? nullptr : place_at(*service, call.args.value("index", 0));
  if (place == nullptr) {
    Outcome no(no_place(name, colour));
    co_return std::move(no);
  }
  auto runtime = fleet_.runtime(name, colour);
  if (!runtime) {
    Outcome no(runtime.error());
    co_return std::move(no);
  }
  auto spec = spec_for(*service, *place, colour, call.seq);
  auto started = co_await (*runtime)->ensure(std::move(spec));
  Outcome outcome = started ? Outcome(to_value(*started)) : Outcome(started.error());
  co_return std::move(outcome);
}

InstanceSpec Live::spec_for(const Service& service, const Place& place, Colour colour, std::int64_t seq) const {
  InstanceSpec spec;
  spec.id = place.id;
  spec.release = fleet_.deployment().side(colour).release;
  spec.index = place.index;
  spec.address = place.address;
  spec.config = place.config;
  spec.stop_signal = service.stop_signal;
  spec.stop_grace = Milliseconds(service.stop_grace_ms);
  spec.labels.app = fleet_.deployment().app;
  spec.labels.service = service.name;
  spec.labels.color = colour;
  spec.labels.version = fleet_.deployment().side(colour).version;
  spec.labels.run = stamp_.run;
  spec.labels.seq = seq;
  spec.labels.epoch = stamp_.epoch;
  return spec;
}

Task<Outcome> Live::instances_prepare(Call call) {
  const auto colour = colour_of(call);
  const std::string name = call.args.value("service", "");
  const auto* service = fleet_.deployment().service(name, colour);
  auto runtime = fleet_.runtime(name, colour);
  if (!runtime || service == nullptr || service->places.empty()) {
    Outcome no(runtime ? no_place(name, colour) : runtime.error());
    co_return std::move(no);
  }
  auto spec = spec_for(*service, service->places.front(), colour, call.seq);
  auto told = teller(call);
  auto prepared = co_await (*runtime)->prepare(std::move(spec), std::move(told));
  Outcome outcome = prepared ? Outcome(std::move(*prepared)) : Outcome(prepared.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::instances_prune(Call call) {
  const auto colour = colour_of(call);
  std::string name = call.args.value("service", "");
  auto runtime = fleet_.runtime(name, colour);
  if (!runtime) {
    Outcome no(runtime.error());
    co_return std::move(no);
  }
  Wanted wanted;
  wanted.app = fleet_.deployment().app;
  wanted.in_use = call.args.value("in_use", std::vector<std::string>{});
  wanted.earlier = call.args.value("earlier", std::vector<std::string>{});
  auto removed = co_await (*runtime)->prune(std::move(wanted));
  Outcome outcome = removed ? Outcome(Value{{"removed", *removed}}) : Outcome(removed.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::instances_adopt(Call call) {
  const auto colour = colour_of(call);
  const std::string name = call.args.value("service", "");
  const auto* service = fleet_.deployment().service(name, colour);
  const auto* place = service == nullptr ? nullptr : place_at(*service, call.args.value("index", 0));
  auto runtime = fleet_.runtime(name, colour);
  if (place == nullptr || !runtime) {
    Outcome no(runtime ? no_place(name, colour) : runtime.error());
    co_return std::move(no);
  }
  auto spec = spec_for(*service, *place, colour, call.seq);
  auto adopted = co_await (*runtime)->adopt(std::move(spec), call.args.value("may_stop", false));
  Outcome outcome = adopted ? Outcome(to_value(*adopted)) : Outcome(adopted.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::instances_disown(Call call) {
  const auto colour = colour_of(call);
  const std::string name = call.args.value("service", "");
  const auto* service = fleet_.deployment().service(name, colour);
  const auto* place = service == nullptr ? nullptr : place_at(*service, call.args.value("index", 0));
  auto runtime = fleet_.runtime(name, colour);
  if (place == nullptr || !runtime) {
    Outcome no(runtime ? no_place(name, colour) : runtime.error());
    co_return std::move(no);
  }
  std::string id = place->id;
  auto disowned = co_await (*runtime)->disown(std::move(id));
  Outcome outcome = disowned ? Outcome() : Outcome(disowned.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::instances_stop(Call call) {
  const auto colour = colour_of(call);
  const std::string name = call.args.value("service", "");
  auto runtime = fleet_.runtime(name, colour);
  if (!runtime) {
    Outcome no(runtime.error());
    co_return std::move(no);
  }
  const auto* service = fleet_.deployment().service(name, colour);
  const Milliseconds grace(service == nullptr ? 10'000 : service->stop_grace_ms);
  std::string id = call.args.value("id", "");
  auto stopped = co_await (*runtime)->stop(std::move(id), grace);
  Outcome outcome = stopped ? Outcome() : Outcome(stopped.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::instances_list(Call call) {
  const std::string service = call.args.value("service", "");
  const std::string colour = call.args.value("color", "");
  auto instances = co_await fleet_.instances();
  if (!instances) {
    Outcome no(instances.error());
    co_return std::move(no);
  }
  Value list = Value::array();
  for (const auto& instance : *instances) {
    if (!service.empty() && instance.labels.service != service) continue;
    if (!colour.empty() && name_of(instance.labels.color) != colour) continue;
    list.push_back(to_value(instance));
  }
  Outcome outcome(std::move(list));
  co_return std::move(outcome);
}

namespace {

// What an instance's own health check says, as its runtime tells.
Outcome own_health(const InstanceState& instance) {
  if (instance.health.empty()) return good(false, {{"hopeless", true}, {"error", "it has no health check of its own"}});
  if (instance.health == "healthy") return good(true, Value::object());
  const auto note = instance.health_note.empty() ? "" : ": " + instance.health_note;
  return good(false, {{"error", fmt::format("its own health check says {}{}", instance.health, note)}});
}

}  // namespace

// Ready means: its check succeeds, and whoever answered at its address is the instance itself.
Task<Outcome> Live::instances_health(Call call) {
  const auto colour = colour_of(call);
  const std::string name = call.args.value("service", "");
  const auto* service = fleet_.deployment().service(name, colour);
  const auto* place = service == nullptr ? nullptr : place_at(*service, call.args.value("index", 0));
  if (place == nullptr) {
    Outcome no(no_place(name, colour));
    co_return std::move(no);
  }
  auto runtime = fleet_.runtime(name, colour);
  if (!runtime) {
    Outcome no(runtime.error());
    co_return std::move(no);
  }
  std::string app = fleet_.deployment().app;
  auto instances = co_await (*runtime)->list(std::move(app));
  if (!instances) {
    Outcome no(instances.error());
    co_return std::move(no);
  }
  const auto own =
      std::find_if(instances->begin(), instances->end(), [&](const InstanceState& one) { return one.id == place->id; });
  if (own == instances->end() || own->state != "running") {
    const std::string state = own == instances->end() ? "not there" : own->state;
    Outcome down = good(false, {{"state", state},
                                {"error", fmt::format("the instance is {}", state)},
                                {"restarts", own == instances->end() ? 0 : own->restarts},
                                {"started", own == instances->end() ? 0 : own->started}});
    if (own != instances->end() && own->exit_code) down.value["exit_code"] = *own->exit_code;
    co_return std::move(down);
  }
  const Value about = {{"state", own->state},
                       {"started", own->started},
                       {"restarts", own->restarts},
                       {"pid", own->pid},
                       {"address", own->address}};
  const auto& health = service->health;
  Outcome answer = good(true, Value::object());
  if (health.type == "own") {
    answer = own_health(*own);
  } else if (health.type != "none") {
    Call probe = health_probe(health, *place, own->address, call.args.value("timeout_ms", health.interval_ms));
    answer = co_await perform(std::move(probe));
  }
  if (!answer.ok()) co_return std::move(answer);
  answer.value.update(about);
  if (!answer.value.value("ok", false) || own->address.empty()) co_return std::move(answer);
  std::string id = place->id;
  std::string address = own->address;
  auto listener = co_await (*runtime)->listener(std::move(id), std::move(address));
  if (!listener) {
    Outcome no(listener.error());
    co_return std::move(no);
  }
  if (listener->present && !listener->ours) {
    answer.value["ok"] = false;
    answer.value["foreign"] = true;
    answer.value["error"] = fmt::format("{} answers at {} in its place", listener->who, own->address);
  }
  co_return std::move(answer);
}

Task<Outcome> Live::instances_logs(Call call) {
  const auto colour = colour_of(call);
  const std::string name = call.args.value("service", "");
  auto runtime = fleet_.runtime(name, colour);
  const auto* service = fleet_.deployment().service(name, colour);
  if (!runtime || service == nullptr) {
    Outcome no(runtime ? no_place(name, colour) : runtime.error());
    co_return std::move(no);
  }
  Value logs = Value::object();
  for (const auto& place : service->places) {
    std::string id = place.id;
    auto text = co_await (*runtime)->logs(std::move(id), call.args.value("lines", 20));
    if (text) logs[place.id] = *text;
  }
  Outcome outcome(std::move(logs));
  co_return std::move(outcome);
}

}  // namespace shunt::effects
