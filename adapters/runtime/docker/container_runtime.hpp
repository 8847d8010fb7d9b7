// What every runtime does whose instances are containers, however they came to be.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/runtime/docker/containers.hpp"
#include "adapters/runtime/docker/stock.hpp"
#include "adapters/runtime/docker/workshop.hpp"
#include "shunt/context.hpp"
#include "shunt/registry.hpp"
#include "shunt/runtime.hpp"

namespace shunt::adapters::docker {

/// Containers are known by their labels. What is adopted is written down in context.state/runtime-NAME. Nothing else is
/// kept, so several objects may be in use.
class ContainerRuntime : public Runtime {
 public:
  /// `keep`: of how many releases the image stays.
  ContainerRuntime(Context& context, Host host, const std::string& name, int keep);

  Task<Result<void>> stop(std::string id, Milliseconds grace) override;
  Task<Result<std::vector<InstanceState>>> list(std::string app) override;
  Task<Result<std::int64_t>> memory(std::string id) override;
  Task<Result<std::optional<Headroom>>> headroom() override;
  Task<Result<std::string>> logs(std::string id, int lines) override;

  Task<Result<std::vector<std::string>>> surplus(Wanted wanted) override;
  Task<Result<std::vector<std::string>>> prune(Wanted wanted) override;

  shunt::Images* images() override { return &workshop_; }

  /// The container is known by the port that it publishes, or by its own address; SH1406 without an address.
  Task<Result<InstanceState>> adopt(InstanceSpec spec, bool may_stop) override;
  Task<Result<void>> disown(std::string id) override;

  /// A port that a running container publishes is its own, whoever holds the socket for it.
  Task<Result<Listener>> listener(std::string id, std::string address) override;

 protected:
  Task<Result<std::optional<Container>>> container_of(std::string id);
  Task<Result<std::optional<Container>>> started_as(std::string id);
  Task<Result<void>> check_adopted(std::string id);
  Task<Result<InstanceState>> begin(InstanceSpec spec, std::string container);
  Task<InstanceState> describe(Container container);

  Context& context_;
  Daemon daemon_;
  Containers containers_;
  std::filesystem::path folder_;
  Images images_;
  Stock stock_;
  Workshop workshop_;
  int keep_;
};

/// The registration of one, without its summary and schema. `make` gets the host that the runtime's table names, and of
/// how many releases the image stays.
using MakeContainerRuntime = std::function<std::unique_ptr<Runtime>(Context& context, Host host, int keep)>;
Adapter<Runtime> container_adapter(const char* name, MakeContainerRuntime make);

/// Whether the container was started by the spec's own run, as the spec says.
bool is_of(const Container& container, const InstanceSpec& spec);

/// SH1402: the container that is in the spec's way.
Error held(const Container& container, const InstanceSpec& spec);

}  // namespace shunt::adapters::docker
