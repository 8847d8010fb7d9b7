#include "adapters/runtime/docker/docker_runtime.hpp"

#include <fmt/format.h>
#include <chrono>

#include "adapters/runtime/docker/labels.hpp"
#include "adapters/runtime/docker/schema.hpp"
#include "loop/sleep.hpp"

namespace shunt::adapters {

namespace {

using namespace docker;

constexpr Milliseconds patience{10'000};  ///< with who is making or removing a container of the same name

}  // namespace

Adapter<Runtime> docker_runtime() {
  auto adapter = container_adapter("docker", [](Context& context, Host host, int keep) {
    return std::make_unique<DockerRuntime>(context, std::move(host), keep);
  });
  adapter.info.summary = "Containers of a Docker Engine, or of Podman's compatible socket, on this machine or another";
  adapter.info.schema = docker_schema();
  return adapter;
}

DockerRuntime::DockerRuntime(Context& context, Host host, int keep)
    : ContainerRuntime(context, std::move(host), "docker", keep) {}

Task<Result<Source>> DockerRuntime::source_of(InstanceSpec spec) {
  Source source;
  source.image = spec.config.value("image", "");
  source.pull = spec.config.value("pull", "missing");
  if (!spec.config.contains("build")) co_return source;
  const auto& table = spec.config["build"];
  Build build;
  build.context = table.value("context", "");
  build.file = table.value("file", "");
  build.target = table.value("target", "");
  build.pull = source.pull == "always";
  Value args = table.value("args", Value::object());
  auto revealed = co_await context_.secrets.reveal(std::move(args));
  if (!revealed) co_return std::move(revealed).error();
  build.args = std::move(*revealed);
  source.build = std::move(build);
  co_return source;
}

Task<Result<Value>> DockerRuntime::prepare(InstanceSpec spec, Told told) {
  auto source = co_await source_of(spec);
  if (!source) co_return std::move(source).error();
  auto provided = co_await stock_.provide(std::move(spec), std::move(*source), std::move(told));
  co_return provided;
}

Task<Result<void>> DockerRuntime::examine(InstanceSpec spec) {
  std::string image = spec.config.value("image", "");
  auto name = co_await stock_.name_for(spec, image);
  if (!name) co_return std::move(name).error();
  if (!name->empty() || spec.config.contains("build")) co_return Result<void>();
  Error gone("SH1409", Kind::config, fmt::format("{} cannot be started: its image {} is gone", spec.id, image),
             "push it again, or deploy a version that is there");
  if (spec.config.value("pull", "missing") == "never") co_return gone;
  auto known = co_await images_.look_up(image);
  if (known || known.error().code != "SH1435") co_return known;
  gone.cause = std::make_shared<const Error>(std::move(known).error());
  co_return gone;
}

/// Nothing when somebody else made one of that name.
Task<Result<std::optional<Container>>> DockerRuntime::make(InstanceSpec spec) {
  std::optional<Container> nothing;
  Value environment = spec.config.value("env", Value::object());
  auto revealed = co_await context_.secrets.reveal(std::move(environment));
  if (!revealed) co_return std::move(revealed).error();
  std::string image = spec.config.value("image", "");
  auto present = co_await stock_.name_for(spec, image);
  if (!present) co_return std::move(present).error();
  Value body = creation_of(spec, *revealed, present->empty() ? image : *present);
  std::string name = spec.id;
  auto id = co_await containers_.create(name, std::move(body));
  if (!id) co_return std::move(id).error();
  if (!*id) co_return nothing;
  std::string made = **id;
  auto found = co_await containers_.find(std::move(made));
  co_return found;
}

/// The networks after the first; twice is the same as once. A container that cannot join does not stay.
Task<Result<void>> DockerRuntime::join_networks(InstanceSpec spec, std::string container) {
  auto further = further_networks(spec, container);
  for (auto& [network, endpoint] : further) {
    std::string name = network;
    Value body = std::move(endpoint);
    auto joined = co_await containers_.connect(spec.id, std::move(name), std::move(body));
    if (joined) continue;
    if (joined.error().code == "SH1401") co_await containers_.remove(spec.id, container);
    co_return joined;
  }
  co_return Result<void>();
}

Task<Result<InstanceState>> DockerRuntime::ensure(InstanceSpec spec) {
  auto free = co_await check_adopted(spec.id);
  if (!free) co_return std::move(free).error();
  // Once more only when somebody else makes or removes the same container: perhaps a life of this run that was
  // cancelled.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  do {
    auto found = co_await containers_.find(spec.id);
    if (!found) co_return std::move(found).error();
    auto container = std::move(*found);
    if (container && (!container->is_ours || (container->lives && !is_of(*container, spec)))) {
      auto error = held(*container, spec);
      co_return error;
    }
    if (container && container->lives) {
      auto state = co_await describe(std::move(*container));
      co_return state;
    }
    if (container && !(container->is_created && is_of(*container, spec))) {
      auto removed = co_await containers_.remove(spec.id, container->id);
      if (!removed) co_return std::move(removed).error();
      container.reset();
    }
    if (!container) {
      auto made = co_await make(spec);
      if (!made) co_return std::move(made).error();
      container = std::move(*made);
    }
    if (container) {
      auto joined = co_await join_networks(spec, container->id);
      if (!joined) co_return std::move(joined).error();
      auto state = co_await begin(spec, container->id);
      co_return state;
    }
    co_await loop::sleep(Milliseconds(50));
  } while (std::chrono::steady_clock::now() < deadline);
  Error error("SH1402", Kind::adapter,
              fmt::format("cannot start {}: somebody else is starting or stopping it at this moment", spec.id),
              "find out who else drives this app, then try again");
  co_return error;
}

}  // namespace shunt::adapters
