#include "adapters/runtime/docker/container_runtime.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "adapters/runtime/docker/adopted.hpp"
#include "adapters/runtime/docker/headroom.hpp"
#include "adapters/runtime/docker/labels.hpp"
#include "adapters/runtime/docker/unusable.hpp"
#include "adapters/runtime/listeners.hpp"
#include "adapters/runtime/spec_sha.hpp"

namespace shunt::adapters::docker {

namespace {

Error not_an_address(const std::string& id) {
  return {"SH1406", Kind::config, fmt::format("{} listens nowhere, so its container cannot be found", id),
          "a service without a port cannot be adopted: deploy it"};
}

Error held_by_adopted(const std::string& id, const Container& container) {
  return Error("SH1402", Kind::adapter,
               fmt::format("cannot start {}: its place is held by the container {}, which was adopted", id,
                           container.name),
               "end that container yourself: `docker stop " + container.name + "`")
      .with({{"container", container.id}});
}

/// Whether a connection to that endpoint ends in the container.
bool answers(const Container& container, const listening::Endpoint& endpoint, const std::string& address) {
  if (container.state.state != "running") return false;
  const auto host = address.substr(0, address.rfind(':'));
  const auto leads = [&](const Published& one) {
    const bool any = one.host == "0.0.0.0" || one.host == "::";
    return one.port == endpoint.port && (any || one.host == host || host == "localhost");
  };
  const auto& own = container.addresses;
  return std::any_of(container.published.begin(), container.published.end(), leads) ||
         std::find(own.begin(), own.end(), host) != own.end();
}

InstanceState adopted_state(const Adopted& adopted, const std::optional<Container>& container) {
  auto state = adopted.about;
  state.state = "exited";
  if (!container) return state;
  state.state = container->state.state;
  state.pid = container->state.pid;
  state.started = container->state.started;
  state.restarts = container->state.restarts;
  state.exit_code = container->state.exit_code;
  state.health = container->state.health;
  state.health_note = container->health_note;
  return state;
}

}  // namespace

bool is_of(const Container& container, const InstanceSpec& spec) {
  return container.is_ours && container.state.labels.run == spec.labels.run &&
         container.state.spec_sha == spec_sha(spec);
}

Error held(const Container& container, const InstanceSpec& spec) {
  const auto& state = container.state;
  std::string holder = fmt::format("version {} of run {}", state.labels.version, state.labels.run);
  if (state.labels.run == spec.labels.run) holder = "an instance of the same run, but with another configuration";
  std::string remedy = "stop it first (`shunt cleanup` stops what no deployment needs)";
  if (!container.is_ours) {
    holder = fmt::format("the container {} (of image {}), which shunt did not start", container.id.substr(0, 12),
                         container.image);
    remedy =
        fmt::format("rename or remove that container (`docker rename {0} {0}-old`), or rename the service", spec.id);
  }
  return Error("SH1402", Kind::adapter, fmt::format("cannot start {}: the name is held by {}", spec.id, holder),
               std::move(remedy))
      .with({{"container", container.id}, {"run", state.labels.run}, {"version", state.labels.version}});
}

Adapter<Runtime> container_adapter(const char* name, MakeContainerRuntime make) {
  Adapter<Runtime> adapter;
  adapter.info.kind = "runtime";
  adapter.info.name = name;
  adapter.info.status = "beta";
  adapter.info.operations = {
      {"prepare", EffectClass::ensure}, {"prune", EffectClass::ensure}, {"ensure", EffectClass::ensure},
      {"stop", EffectClass::ensure},    {"adopt", EffectClass::ensure}, {"disown", EffectClass::ensure},
      {"list", EffectClass::observe},   {"logs", EffectClass::observe}, {"listener", EffectClass::observe}};
  adapter.make = [make = std::move(make)](Context& context, const Value& config) -> std::unique_ptr<Runtime> {
    auto host = parse_host(config.value("host", ""), variable_of_this_program);
    if (!host) return unusable(std::move(host).error());
    return make(context, std::move(*host), config.value("keep", 3));
  };
  return adapter;
}

ContainerRuntime::ContainerRuntime(Context& context, Host host, const std::string& name, int keep)
    : context_(context),
      daemon_(context.http, std::move(host)),
      containers_(daemon_),
      folder_(context.state / ("runtime-" + name)),
      images_(daemon_, context.processes, context.secrets),
      stock_(images_, folder_ / "images"),
      workshop_(images_, context.secrets, folder_ / "images"),
      keep_(keep) {}

Task<Result<std::vector<std::string>>> ContainerRuntime::surplus(Wanted wanted) {
  std::vector<std::string> names;
  for (const auto& kept : stock_.surplus(wanted, keep_)) names.push_back(kept.image);
  co_return names;
}

Task<Result<std::vector<std::string>>> ContainerRuntime::prune(Wanted wanted) {
  auto removed = co_await stock_.prune(std::move(wanted), keep_);
  co_return removed;
}

/// The one that carries an instance's name, or that was adopted as it; one that lives before one that has ended.
Task<Result<std::optional<Container>>> ContainerRuntime::container_of(std::string id) {
  if (const auto adopted = read_adopted(folder_, id)) {
    auto taken = co_await containers_.find(adopted->container);
    co_return taken;
  }
  auto own = co_await started_as(std::move(id));
  co_return own;
}

/// The one that shunt started under that name.
Task<Result<std::optional<Container>>> ContainerRuntime::started_as(std::string id) {
  std::vector<std::string> labels = {"shunt.instance=" + id};
  auto all = co_await containers_.with(std::move(labels));
  if (!all) co_return std::move(all).error();
  std::optional<Container> best;
  for (auto& one : *all)
    if (!best || (one.lives && !best->lives)) best = std::move(one);
  co_return best;
}

/// Why nothing may start in the place of an adopted container; a record of one that has ended is forgotten.
Task<Result<void>> ContainerRuntime::check_adopted(std::string id) {
  const auto adopted = read_adopted(folder_, id);
  if (!adopted) co_return Result<void>();
  auto holder = co_await containers_.find(adopted->container);
  if (!holder) co_return std::move(holder).error();
  if (*holder && (*holder)->lives) {
    auto error = held_by_adopted(id, **holder);
    co_return error;
  }
  forget_adopted(folder_, id);
  co_return Result<void>();
}

Task<InstanceState> ContainerRuntime::describe(Container container) {
  auto state = container.state;
  state.address = address_of(container, container.port, daemon_.host().machine);
  state.health_note = container.health_note;
  if (state.state == "running" && state.restarts > 0) {
    auto code = co_await containers_.last_exit(std::move(container));
    state.exit_code = code;
  }
  co_return state;
}

/// Starts it; what cannot be started leaves no container.
Task<Result<InstanceState>> ContainerRuntime::begin(InstanceSpec spec, std::string container) {
  auto started = co_await containers_.start(spec.id, container);
  if (!started) {
    auto error = std::move(started).error();
    if (error.code == "SH1401") co_await containers_.remove(spec.id, container);
    co_return error;
  }
  auto found = co_await containers_.find(container);
  if (!found) co_return std::move(found).error();
  if (!*found) {
    Error error("SH1401", Kind::adapter, fmt::format("cannot start {}: its container is gone again", spec.id),
                "find out who removes containers here, then try again");
    co_return error;
  }
  auto state = co_await describe(std::move(**found));
  co_return state;
}

Task<Result<void>> ContainerRuntime::stop(std::string id, Milliseconds grace) {
  const auto adopted = read_adopted(folder_, id);
  auto found = co_await container_of(id);
  if (!found) co_return std::move(found).error();
  const auto& container = *found;
  if (container && container->lives && adopted && !adopted->about.may_stop) co_return Result<void>();
  if (container && container->lives) {
    auto stopped = co_await containers_.stop(id, container->id, grace);
    if (!stopped) co_return stopped;
  }
  // An adopted container is its owner's to remove.
  if (container && !adopted) {
    auto removed = co_await containers_.remove(id, container->id);
    if (!removed) co_return removed;
  }
  if (adopted) forget_adopted(folder_, id);
  co_return Result<void>();
}

Task<Result<std::vector<InstanceState>>> ContainerRuntime::list(std::string app) {
  std::vector<std::string> labels = {"shunt.app=" + app};
  auto containers = co_await containers_.with(std::move(labels));
  if (!containers) co_return std::move(containers).error();
  std::vector<InstanceState> states;
  for (auto& container : *containers) {
    if (!container.is_ours) continue;
    auto state = co_await describe(std::move(container));
    states.push_back(std::move(state));
  }
  for (const auto& adopted : all_adopted(folder_)) {
    if (adopted.about.labels.app != app) continue;
    auto container = co_await containers_.find(adopted.container);
    if (!container) co_return std::move(container).error();
    states.push_back(adopted_state(adopted, *container));
  }
  std::sort(states.begin(), states.end(), [](const auto& one, const auto& other) { return one.id < other.id; });
  co_return states;
}

Task<Result<std::int64_t>> ContainerRuntime::memory(std::string id) {
  auto found = co_await container_of(std::move(id));
  if (!found) co_return std::move(found).error();
  if (!*found || (*found)->state.state != "running") co_return std::int64_t(0);
  auto bytes = co_await containers_.memory((*found)->id);
  co_return bytes;
}

Task<Result<std::optional<Headroom>>> ContainerRuntime::headroom() {
  auto left = co_await headroom_of(daemon_, containers_);
  co_return left;
}

Task<Result<std::string>> ContainerRuntime::logs(std::string id, int lines) {
  auto found = co_await container_of(std::move(id));
  if (!found) co_return std::move(found).error();
  if (!*found || lines <= 0) co_return std::string();
  auto text = co_await containers_.output(std::move(**found), lines);
  co_return text;
}

Task<Result<InstanceState>> ContainerRuntime::adopt(InstanceSpec spec, bool may_stop) {
  const auto endpoint = listening::endpoint_in(spec.address);
  if (!endpoint) {
    auto error = not_an_address(spec.id);
    co_return error;
  }
  auto holder = co_await started_as(spec.id);
  if (!holder) co_return std::move(holder).error();
  if (*holder && (*holder)->lives) {
    auto error = held(**holder, spec);
    co_return error;
  }
  std::vector<std::string> any;
  auto running = co_await containers_.with(std::move(any));
  if (!running) co_return std::move(running).error();
  const auto found = std::find_if(running->begin(), running->end(),
                                  [&](const Container& one) { return answers(one, *endpoint, spec.address); });
  if (found == running->end()) {
    Error error("SH1407", Kind::adapter,
                fmt::format("no container listens at {}, where {} should", spec.address, spec.id),
                "start it, or correct the port in the app file");
    co_return error;
  }
  Adopted adopted;
  adopted.container = found->id;
  adopted.about.id = spec.id;
  adopted.about.labels = spec.labels;
  adopted.about.index = spec.index;
  adopted.about.address = spec.address;
  adopted.about.adopted = true;
  adopted.about.may_stop = may_stop;
  auto written = write_adopted(folder_, adopted);
  if (!written) co_return std::move(written).error();
  const std::optional<Container> container(*found);
  auto state = adopted_state(adopted, container);
  co_return state;
}

Task<Result<void>> ContainerRuntime::disown(std::string id) {
  forget_adopted(folder_, id);
  co_return Result<void>();
}

Task<Result<Listener>> ContainerRuntime::listener(std::string id, std::string address) {
  const auto endpoint = listening::endpoint_in(address);
  if (!endpoint) {
    Error error("SH1406", Kind::config, fmt::format("'{}' is no address of an instance", address),
                "give it as host:port");
    co_return error;
  }
  Listener listener;
  if (!id.empty()) {
    auto own = co_await container_of(std::move(id));
    if (!own) co_return std::move(own).error();
    listener.ours = *own && answers(**own, *endpoint, address);
    listener.present = listener.ours;
  }
  if (!listener.ours && daemon_.host().is_local()) {
    listening::Ours nobody;
    listener = co_await listening::who_listens(*endpoint, std::move(nobody));
  }
  co_return listener;
}

}  // namespace shunt::adapters::docker
