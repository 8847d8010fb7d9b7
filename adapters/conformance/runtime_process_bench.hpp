// The process runtime with real processes in a temporary folder.
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "adapters/conformance/runtime_suite.hpp"
#include "adapters/runtime/process/process_runtime.hpp"
#include "shunt/context.hpp"
#include "supervise/process_table.hpp"

namespace shunt::conformance {

class ProcessBench : public RuntimeBench {
 public:
  /// `helpers`: the folder of shunt-supervise, that of this build by default.
  explicit ProcessBench(const std::filesystem::path& helpers = SHUNT_HELPERS);
  ~ProcessBench() override;

  Runtime& runtime() override { return *runtime_; }
  InstanceSpec spec(Behaviour behaviour, const std::string& id) override;
  void crash(const std::string& id) override;
  std::shared_ptr<void> stranger(const std::string& address) override;
  bool eventually(const std::function<bool()>& condition) override;

  /// A spec that runs `command`.
  InstanceSpec command(const std::string& id, std::vector<std::string> command);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path files_of(const std::string& id) const { return folder_ / "state" / "runtime-process" / id; }

  /// Starts a command whose four children ignore signals and sit in groups and sessions of their own; waits for all of
  /// them.
  std::vector<supervise::Identity> start_family(const std::string& id);

  /// Ends instances started with this state folder that are left, and the supervisors with them.
  void end_all();

  /// What a secret {"$secret": {"env": NAME}} holds.
  std::map<std::string, std::string> secrets;

 private:
  class Vault;
  class NoHttp;
  std::filesystem::path folder_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<NoHttp> http_;
  std::unique_ptr<process::Spawner> spawner_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<Runtime> runtime_;
};

/// A port of 127.0.0.1 that nobody listens at.
int free_port();

/// Listens at 127.0.0.1:port in this process until the returned object is gone.
std::shared_ptr<void> listen_at(int port);

/// The living processes whose pids stand in a file, one a line.
std::vector<supervise::Identity> processes_in(const std::filesystem::path& file);

bool all_gone(const std::vector<supervise::Identity>& processes);

std::string text_in(const std::filesystem::path& file);

std::unique_ptr<RuntimeBench> make_process_bench();

}  // namespace shunt::conformance
