#include "harness/docker.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "harness/engines_test.hpp"
#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

TEST_CASE("a restart stops the containers") {
  const TemporaryFolder folder;
  Docker docker(folder);
  docker.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(docker, "shop", port);
  REQUIRE(serves(port));
  docker.stop();
  CHECK(docker.processes("containerd-shim").empty());
  CHECK(docker.run({"docker", "ps"}).code() != 0);
  docker.start();
  CHECK(docker.inspect("shop", "{{.State.Status}}") == "exited");
  docker.docker({"start", "shop"});
  CHECK(serves(port));
}

TEST_CASE("with live restore, containers run while the daemon is away, and their ports come back with it") {
  const TemporaryFolder folder;
  Docker docker(folder, {.live_restore = true});
  docker.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(docker, "shop", port);
  REQUIRE(serves(port));
  const auto address = docker.inspect("shop", "{{.NetworkSettings.IPAddress}}");
  const auto started = docker.inspect("shop", "{{.State.StartedAt}}");
  for (const bool by_force : {false, true}) {
    if (by_force)
      docker.kill();
    else
      docker.stop();
    CHECK(docker.processes("containerd-shim").size() == 1);
    CHECK(is_reached_at(address));
    CHECK(http_get(port, "/").error == "connect: Connection refused");
    docker.start();
    CHECK(docker.inspect("shop", "{{.State.Status}}") == "running");
    CHECK(serves(port));
  }
  CHECK(docker.inspect("shop", "{{.State.StartedAt}}") == started);
}

TEST_CASE("Docker lets in by TCP who shows a certificate of its authority, and shows one") {
  const TemporaryFolder folder;
  Docker docker(folder, {.tls = true});
  const auto version = [&](std::map<std::string, std::string> environment) {
    return run({{"docker", "version", "--format", "{{.Server.Version}}"}, std::move(environment)});
  };
  const auto welcome = version(docker.tls_environment());
  CHECK_MESSAGE(welcome.code() == 0, welcome.output());

  auto stranger = docker.tls_environment();
  stranger["DOCKER_CERT_PATH"] = Certificates(folder / "strangers").folder();
  CHECK(version(stranger).err.find("certificate") != std::string::npos);
  std::filesystem::copy_file(docker.certificates().authority(), folder / "strangers/ca.pem",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(version(stranger).code() != 0);  // the client may be told before it has asked, or find the connection closed
  CHECK(eventually(5s, [&] { return docker.program().err().find("client certificate") != std::string::npos; }));
  CHECK(http_get(docker.port(), "/_ping").status == 400);
}

TEST_CASE("a Docker that does not start says why") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(Docker(folder, {.flags = {"--no-such-flag"}}), doctest::Contains("unknown flag: --no-such-flag"));
}
