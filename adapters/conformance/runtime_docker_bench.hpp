// The docker runtime with a real engine, which the benches of one test program share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/conformance/bench_context.hpp"
#include "adapters/conformance/runtime_suite.hpp"
#include "adapters/runtime/docker/docker_runtime.hpp"
#include "harness/container_engine.hpp"
#include "harness/folder.hpp"

namespace shunt::conformance {

/// The image that instances are started from: /instance, /bin/sh.
constexpr const char* instance_image_name = "instance:test";

class DockerBench : public RuntimeBench {
 public:
  explicit DockerBench(harness::ContainerEngine& engine, const Adapter<Runtime>& adapter = adapters::docker_runtime());
  ~DockerBench() override;

  Runtime& runtime() override { return *runtime_; }
  InstanceSpec spec(Behaviour behaviour, const std::string& id) override;
  void crash(const std::string& id) override;
  std::shared_ptr<void> stranger(const std::string& address) override;
  bool eventually(const std::function<bool()>& condition) override;

  /// A spec of a container that runs `command`.
  virtual InstanceSpec command(const std::string& id, std::vector<std::string> command);

  const std::filesystem::path& folder() const { return folder_.path(); }

  harness::ContainerEngine& engine() { return engine_; }
  Context& context() { return context_.context(); }
  Vault& secrets() { return context_.vault; }

 private:
  harness::ContainerEngine& engine_;
  harness::TemporaryFolder folder_;
  BenchContext context_;
  std::unique_ptr<Runtime> runtime_;
};

/// Each spec is a service in a Compose file and a project of its own.
class ComposeBench : public DockerBench {
 public:
  explicit ComposeBench(harness::ContainerEngine& engine);

  InstanceSpec spec(Behaviour behaviour, const std::string& id) override;
  void crash(const std::string& id) override;
};

/// The engines of this test program, each started when it is first asked for.
harness::ContainerEngine& docker_engine();
harness::ContainerEngine& podman_engine();

std::unique_ptr<RuntimeBench> make_docker_bench();
std::unique_ptr<RuntimeBench> make_podman_bench();
std::unique_ptr<RuntimeBench> make_compose_bench();

}  // namespace shunt::conformance
