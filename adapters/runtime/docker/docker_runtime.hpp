// Instances as containers of a Docker Engine, or of anything that speaks its API.
#pragma once

#include "adapters/runtime/docker/container_runtime.hpp"
#include "shunt/registry.hpp"

namespace shunt::adapters {

/// The app file's `runtime = { type = "docker" }`.
Adapter<Runtime> docker_runtime();

/// One container per instance, named by its id.
class DockerRuntime : public docker::ContainerRuntime {
 public:
  DockerRuntime(Context& context, docker::Host host, int keep);

  /// Pulls or builds the image; SH1435 and SH1436 when that fails.
  Task<Result<Value>> prepare(InstanceSpec spec, Told told) override;
  Task<Result<void>> examine(InstanceSpec spec) override;
  Task<Result<InstanceState>> ensure(InstanceSpec spec) override;

 private:
  Task<Result<std::optional<docker::Container>>> make(InstanceSpec spec);
  Task<Result<void>> join_networks(InstanceSpec spec, std::string container);
  Task<Result<docker::Source>> source_of(InstanceSpec spec);
};

}  // namespace shunt::adapters
