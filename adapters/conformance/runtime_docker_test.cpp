// The docker runtime against real engines, beyond what every runtime does.
#include <doctest/doctest.h>
#include <cstdlib>

#include "adapters/conformance/runtime_docker_bench.hpp"
#include "adapters/runtime/docker/docker_runtime.hpp"
#include "harness/docker.hpp"

namespace shunt::conformance {

namespace {

InstanceState started(RuntimeBench& bench, const InstanceSpec& spec) {
  auto ensured = bench.run(bench.runtime().ensure(spec));
  const std::string problem = ensured ? "" : to_paragraph(ensured.error());
  INFO(problem);
  REQUIRE(bool(ensured));
  return *ensured;
}

Error refused(RuntimeBench& bench, const InstanceSpec& spec) {
  auto ensured = bench.run(bench.runtime().ensure(spec));
  REQUIRE_FALSE(bool(ensured));
  CHECK_FALSE(ensured.error().remedy.empty());
  return ensured.error();
}

std::vector<InstanceState> listed(RuntimeBench& bench) {
  auto all = bench.run(bench.runtime().list("shop"));
  REQUIRE(bool(all));
  return *all;
}

TEST_CASE("Podman's compatible socket conforms") {
  check_runtime(make_podman_bench);
}

TEST_CASE("and answers as the model of a runtime does") {
  check_runtime_trace(make_podman_bench);
}

TEST_CASE("what an image, a port or a network lacks is said by name, with what to do") {
  DockerBench bench(docker_engine());
  auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  SUBCASE("the image") {
    spec.config["image"] = "shop:nowhere";
    const auto error = refused(bench, spec);
    CHECK(error.code == "SH1401");
    CHECK(error.message.find("shop:nowhere") != std::string::npos);
  }
  SUBCASE("the port") {
    const auto stranger = bench.stranger(spec.address);
    const auto error = refused(bench, spec);
    CHECK(error.code == "SH1401");
    CHECK(error.remedy.find("port") != std::string::npos);
  }
  SUBCASE("the network") {
    spec.config["networks"] = {"nowhere"};
    const auto error = refused(bench, spec);
    CHECK(error.code == "SH1401");
    CHECK(error.remedy.find("docker network create") != std::string::npos);
  }
  SUBCASE("the second network") {
    bench.engine().docker({"network", "create", "one"});
    spec.config["networks"] = {"one", "nowhere"};
    const auto error = refused(bench, spec);
    CHECK(error.remedy.find("docker network create") != std::string::npos);
    CHECK(listed(bench).empty());
    bench.engine().docker({"network", "rm", "one"});
  }
  CHECK(listed(bench).empty());
  CHECK(bench.engine().docker({"ps", "-aq", "--filter", "name=shop-web-blue-0"}).empty());
}

TEST_CASE("a container of the same name that shunt did not start is left alone") {
  DockerBench bench(docker_engine());
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  const auto foreign = bench.engine().docker({"run", "-d", "--name", spec.id, instance_image_name, "sleep", "1000"});
  const auto error = refused(bench, spec);
  CHECK(error.code == "SH1402");
  CHECK(error.message.find(foreign.substr(0, 12)) != std::string::npos);
  CHECK(bench.run(bench.runtime().logs(spec.id, 5)).value().empty());
  REQUIRE(bool(bench.run(bench.runtime().stop(spec.id, Milliseconds(1'000)))));
  CHECK(bench.engine().docker({"inspect", "-f", "{{.State.Running}}", foreign}) == "true");
  CHECK(listed(bench).empty());
  bench.engine().docker({"rm", "-f", foreign});
}

TEST_CASE("limits, environment, secrets, volumes, user and aliases reach the container") {
  DockerBench bench(docker_engine());
  bench.secrets().values["PASSWORD"] = "open sesame";
  bench.engine().docker({"network", "create", "front"});
  bench.engine().docker({"network", "create", "back"});
  auto spec =
      bench.command("shop-web-blue-0", {"/bin/sh", "-c", "echo $COLOR $WORD; id -u; cat /data/file; sleep 1000"});
  spec.config.update({{"memory", "32m"},
                      {"cpus", 0.5},
                      {"user", "12"},
                      {"networks", {"front", "back"}},
                      {"aliases", {"web"}},
                      {"volumes", {"shunt-test-data:/data"}},
                      {"env", {{"COLOR", "blue"}, {"WORD", {{"$secret", {{"env", "PASSWORD"}}}}}}}});
  bench.engine().docker(
      {"run", "--rm", "-v", "shunt-test-data:/data", instance_image_name, "sh", "-c", "echo kept > /data/file"});
  started(bench, spec);
  CHECK(bench.eventually(
      [&] { return *bench.run(bench.runtime().logs(spec.id, 10)) == "blue open sesame\n12\nkept\n"; }));
  const auto said = [&](const std::string& what) {
    return bench.engine().docker({"inspect", "-f", "{{" + what + "}}", spec.id});
  };
  CHECK(said(".HostConfig.Memory") == std::to_string(32 * 1024 * 1024));
  CHECK(said(".HostConfig.NanoCpus") == "500000000");
  for (const char* network : {"front", "back"})
    CHECK(said(std::string(".NetworkSettings.Networks.") + network + ".Aliases").find("web") != std::string::npos);
  const auto memory = bench.run(bench.runtime().memory(spec.id));
  REQUIRE(bool(memory));
  CHECK(*memory > 0);
  CHECK(*memory < 32 * 1024 * 1024);
  REQUIRE(bool(bench.run(bench.runtime().stop(spec.id, Milliseconds(0)))));
  bench.engine().docker({"volume", "rm", "shunt-test-data"});  // a volume with a name stays
  bench.engine().docker({"network", "rm", "front", "back"});
}

TEST_CASE("without a published port it is reached at its own address") {
  DockerBench bench(docker_engine());
  auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  spec.config.erase("publish");
  spec.address.clear();
  const auto state = started(bench, spec);
  CHECK(state.address.ends_with(":8080"));
  CHECK_FALSE(state.address.starts_with("127."));
  CHECK(listed(bench).front().address == state.address);
  CHECK(bench.run(bench.runtime().listener(spec.id, state.address)).value().ours);
  CHECK_FALSE(bench.run(bench.runtime().listener("", state.address)).value().ours);
}

TEST_CASE("its own health check is told, with what it printed last") {
  DockerBench bench(docker_engine());
  auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  CHECK(started(bench, spec).health.empty());
  REQUIRE(bool(bench.run(bench.runtime().stop(spec.id, Milliseconds(0)))));
  auto image = harness::instance_image("sick:test");
  image.changes.emplace_back("HEALTHCHECK --interval=1s --retries=1 CMD echo no database; exit 1");
  bench.engine().import_image(image);
  spec.config["image"] = image.name;
  started(bench, spec);
  CHECK(bench.eventually([&] { return listed(bench).front().health == "unhealthy"; }));
  CHECK(listed(bench).front().health_note == "no database");
}

TEST_CASE("an engine is reached over TLS by who has a certificate, and by nobody else") {
  const harness::TemporaryFolder folder;
  harness::DockerOptions options;
  options.tls = true;
  const harness::Docker engine(folder, options);
  DockerBench bench(docker_engine());
  const auto host = "https://" + engine.tls_host().substr(std::string("tcp://").size());
  const auto listed_by = [&] {
    const auto runtime = adapters::docker_runtime().make(bench.context(), {{"host", host}});
    return bench.run(runtime->list("shop"));
  };
  ::setenv("DOCKER_CERT_PATH", engine.certificates().folder().c_str(), 1);
  const auto known = listed_by();
  ::setenv("DOCKER_CERT_PATH", folder.path().c_str(), 1);
  const auto unknown = listed_by();
  ::unsetenv("DOCKER_CERT_PATH");
  CHECK(bool(known));
  REQUIRE_FALSE(bool(unknown));
  CHECK(unknown.error().code == "SH1431");
}

TEST_CASE("where only the older Compose is, it does the same") {
  const harness::TemporaryFolder folder;
  const auto docker = folder.write("docker", "#!/bin/sh\nexit 1\n");  // a client without the plugin
  std::filesystem::permissions(docker, std::filesystem::perms::owner_all);
  const std::string path = std::getenv("PATH");
  ComposeBench bench(docker_engine());
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  ::setenv("PATH", (folder.path().string() + ":" + path).c_str(), 1);
  const auto prepared = bench.run(bench.runtime().prepare(spec, {}));
  const auto first = started(bench, spec);
  const auto second = started(bench, spec);
  const auto stopped = bench.run(bench.runtime().stop(spec.id, Milliseconds(1'000)));
  ::setenv("PATH", path.c_str(), 1);
  CHECK(bool(prepared));
  CHECK(first.address == spec.address);
  CHECK(second.pid == first.pid);
  CHECK(bool(stopped));
  CHECK(listed(bench).empty());
}

TEST_CASE("an engine that is not there is an error that may be tried again") {
  DockerBench bench(docker_engine());
  const auto runtime = adapters::docker_runtime().make(bench.context(), {{"host", "/nowhere.sock"}});
  auto none = bench.run(runtime->list("shop"));
  REQUIRE_FALSE(bool(none));
  CHECK(none.error().code == "SH1431");
  CHECK(none.error().retryable);
  CHECK(none.error().message.find("/nowhere.sock") != std::string::npos);
}

}  // namespace

}  // namespace shunt::conformance
