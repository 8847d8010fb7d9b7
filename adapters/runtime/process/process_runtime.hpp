// Instances as plain processes, kept by one small supervisor each.
#pragma once

#include <filesystem>

#include "shunt/registry.hpp"

namespace shunt::adapters {

/// The app file's `runtime = { type = "process" }`.
Adapter<Runtime> process_runtime();

/// Files: context.state/runtime-process/ID. One object per app; nothing is kept in memory, so several may be in use.
class ProcessRuntime : public Runtime {
 public:
  explicit ProcessRuntime(Context& context);

  Task<Result<InstanceState>> ensure(InstanceSpec spec) override;
  /// The folder and the program of `command`, as this user may run them now.
  Task<Result<void>> examine(InstanceSpec spec) override;
  Task<Result<void>> stop(std::string id, Milliseconds grace) override;
  Task<Result<std::vector<InstanceState>>> list(std::string app) override;
  Task<Result<std::int64_t>> memory(std::string id) override;
  Task<Result<std::string>> logs(std::string id, int lines) override;

  /// The program is known by the socket at its address, so a service that listens nowhere cannot be adopted (SH1406).
  Task<Result<InstanceState>> adopt(InstanceSpec spec, bool may_stop) override;
  Task<Result<void>> disown(std::string id) override;

  /// Error SH1406 when `address` has no port. Names of hosts other than localhost stand for every address.
  Task<Result<Listener>> listener(std::string id, std::string address) override;

 private:
  Context& context_;
  std::filesystem::path folder_;
};

}  // namespace shunt::adapters
