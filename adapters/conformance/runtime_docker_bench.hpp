// The docker runtime with a real engine, which the benches of one test program share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/conformance/bench_context.hpp"
#include "adapters/conformance/runtime_suite.hpp"
#include "harness/folder.hpp"

namespace shunt::conformance {

/// What a bench needs of an engine.
class ContainerEngine {
 public:
  virtual ~ContainerEngine() = default;
  virtual std::string host() const = 0;

  /// Its command line client; what it printed, without the end of the last line. Throws when it fails.
  virtual std::string client(const std::vector<std::string>& arguments) = 0;

  /// Kills the first process of a running container, as a crash would.
  virtual void crash(const std::string& container) = 0;
};

/// The image that instances are started from: /instance, /bin/sh.
constexpr const char* instance_image_name = "instance:test";
/// The same with a health check of its own, which says "no database" and fails.
constexpr const char* sick_image_name = "sick:test";

class DockerBench : public RuntimeBench {
 public:
  explicit DockerBench(ContainerEngine& engine);
  ~DockerBench() override;

  Runtime& runtime() override { return *runtime_; }
  InstanceSpec spec(Behaviour behaviour, const std::string& id) override;
  void crash(const std::string& id) override { engine_.crash(id); }
  std::shared_ptr<void> stranger(const std::string& address) override;
  bool eventually(const std::function<bool()>& condition) override;

  /// A spec of a container that runs `command`.
  InstanceSpec command(const std::string& id, std::vector<std::string> command);

  ContainerEngine& engine() { return engine_; }
  Context& context() { return context_.context(); }
  Vault& secrets() { return context_.vault; }

 private:
  ContainerEngine& engine_;
  harness::TemporaryFolder folder_;
  BenchContext context_;
  std::unique_ptr<Runtime> runtime_;
};

/// The engines of this test program, each started when it is first asked for.
ContainerEngine& docker_engine();

std::unique_ptr<RuntimeBench> make_docker_bench();

}  // namespace shunt::conformance
