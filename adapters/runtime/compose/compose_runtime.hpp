// Instances as services of Compose projects, one project per color.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/runtime/compose/project.hpp"
#include "adapters/runtime/docker/container_runtime.hpp"
#include "shunt/registry.hpp"

namespace shunt::adapters {

/// The app file's `runtime = { type = "compose" }`.
Adapter<Runtime> compose_runtime();

/// Compose makes the containers, from the user's own files; they are found, watched and ended by the Engine API. A
/// project of one color is never named in a command for the other one, so starting green cannot recreate blue.
class ComposeRuntime : public docker::ContainerRuntime {
 public:
  ComposeRuntime(Context& context, docker::Host host, int keep);

  Task<Result<Value>> prepare(InstanceSpec spec, Told told) override;
  /// Whether the files are there.
  Task<Result<void>> examine(InstanceSpec spec) override;
  Task<Result<InstanceState>> ensure(InstanceSpec spec) override;
  /// With its last container, a project loses its networks.
  Task<Result<void>> stop(std::string id, Milliseconds grace) override;

 private:
  Task<Result<compose::Dialect>> dialect();
  Task<Result<process::Finished>> run(InstanceSpec spec, std::vector<std::string> files, std::vector<std::string> words,
                                      Milliseconds timeout);
  Task<Result<compose::Described>> describe_service(InstanceSpec spec);
  Task<Result<std::optional<docker::Container>>> in_place_of(InstanceSpec spec);
  Task<Result<std::string>> image_in_place(InstanceSpec spec);
  Task<Result<std::string>> write_override(InstanceSpec spec);
  Task<Result<InstanceState>> bring_up(InstanceSpec spec);
  Task<void> remove_networks(std::string project);

  std::optional<compose::Dialect> dialect_;
};

}  // namespace shunt::adapters
