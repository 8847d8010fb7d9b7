#include "adapters/conformance/runtime_docker_bench.hpp"

#include <fmt/format.h>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "adapters/runtime/compose/compose_runtime.hpp"
#include "adapters/runtime/docker/docker_runtime.hpp"
#include "harness/docker.hpp"
#include "harness/podman.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

constexpr std::chrono::seconds patience_of_docker{20};
constexpr int port_inside = 8080;

/// A dollar is the beginning of a variable in Compose's files.
std::string doubled(const std::string& text) {
  std::string result;
  for (const char letter : text) result += letter == '$' ? "$$" : std::string(1, letter);
  return result;
}

template <typename Engine>
struct Shared {
  Shared() { engine.import_image(harness::instance_image(instance_image_name)); }
  harness::TemporaryFolder folder;
  Engine engine{folder};
};

}  // namespace

DockerBench::DockerBench(harness::ContainerEngine& engine, const Adapter<Runtime>& adapter)
    : engine_(engine), context_(loop_, folder_.path()) {
  runtime_ = adapter.make(context_.context(), {{"host", engine.host()}});
}

DockerBench::~DockerBench() {
  std::istringstream ids(engine_.docker({"ps", "-aq", "--filter", "label=shunt.instance"}));
  for (std::string id; ids >> id;) engine_.docker({"rm", "-fv", id});
}

InstanceSpec DockerBench::command(const std::string& id, std::vector<std::string> command) {
  InstanceSpec spec;
  spec.id = id;
  spec.labels.app = "shop";
  spec.labels.service = "web";
  spec.labels.version = "v1";
  spec.labels.run = "run-1";
  spec.config = {{"image", instance_image_name}, {"command", std::move(command)}, {"restart", "always"}};
  return spec;
}

InstanceSpec DockerBench::spec(Behaviour behaviour, const std::string& id) {
  const auto port = harness::free_port();
  const auto serving = [&] {
    auto spec = command(id, {"/instance", "listen", std::to_string(port_inside), "0.0.0.0"});
    spec.config["port"] = port_inside;
    spec.config["publish"] = {{"blue", {port}}, {"green", {port}}};
    return spec;
  };
  const auto said = [&](const char* script) { return command(id, {"/bin/sh", "-c", script}); };
  InstanceSpec spec;
  switch (behaviour) {
    case Behaviour::serves:
      spec = serving();
      break;
    case Behaviour::ends_at_once:
    case Behaviour::ends_for_good:
      spec = said("exit 3");
      break;
    case Behaviour::prints:
      spec = said("for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; done; exec sleep 1000");
      break;
    case Behaviour::is_stubborn:
      spec = said("trap '' TERM; while :; do sleep 1; done");
      break;
    case Behaviour::cannot_start:
      spec = command(id, {"/shunt-no-such-program"});
      break;
  }
  spec.address = fmt::format("127.0.0.1:{}", port);
  if (behaviour == Behaviour::ends_for_good) spec.config["restart"] = "never";
  return spec;
}

/// A container that somebody started by hand.
std::shared_ptr<void> DockerBench::stranger(const std::string& address) {
  auto id = engine_.docker({"run", "-d", "-p", fmt::format("{}:{}", address, port_inside), instance_image_name,
                            "/instance", "listen", std::to_string(port_inside), "0.0.0.0"});
  return std::shared_ptr<void>(nullptr, [this, id](void*) { engine_.docker({"rm", "-fv", id}); });
}

bool DockerBench::eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience_of_docker;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// By the number under which the engine knows it.
void DockerBench::crash(const std::string& id) {
  engine_.inside({"kill", "-KILL", engine_.inspect(id, "{{.State.Pid}}")});
}

ComposeBench::ComposeBench(harness::ContainerEngine& engine) : DockerBench(engine, adapters::compose_runtime()) {}

/// What a container of the Docker bench would be told, said in a file.
InstanceSpec ComposeBench::spec(Behaviour behaviour, const std::string& id) {
  auto spec = DockerBench::spec(behaviour, id);
  auto told = std::move(spec.config);
  for (auto& word : told["command"]) word = doubled(word.get<std::string>());
  Value service = {{"image", told["image"]},
                   {"command", told["command"]},
                   {"restart", told["restart"] == "never" ? "no" : "unless-stopped"}};
  if (told.contains("port")) service["ports"] = {fmt::format("{}:{}", spec.address, told["port"].get<int>())};
  const auto file = folder() / (id + ".json");
  std::ofstream(file, std::ios::trunc) << to_text(Value{{"services", {{"web", service}}}});
  spec.config = {{"files", {file.string()}}, {"project", id}, {"host", engine().host()}};
  if (told.contains("port")) spec.config["port"] = told["port"];
  return spec;
}

void ComposeBench::crash(const std::string& id) {
  DockerBench::crash(engine().docker({"ps", "-q", "--filter", "label=shunt.instance=" + id}));
}

harness::ContainerEngine& docker_engine() {
  static Shared<harness::Docker> shared;
  return shared.engine;
}

harness::ContainerEngine& podman_engine() {
  static Shared<harness::Podman> shared;
  return shared.engine;
}

std::unique_ptr<RuntimeBench> make_docker_bench() {
  return std::make_unique<DockerBench>(docker_engine());
}

std::unique_ptr<RuntimeBench> make_compose_bench() {
  return std::make_unique<ComposeBench>(docker_engine());
}

std::unique_ptr<RuntimeBench> make_podman_bench() {
  return std::make_unique<DockerBench>(podman_engine());
}

}  // namespace shunt::conformance
