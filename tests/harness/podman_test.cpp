#include "harness/podman.hpp"

#include <doctest/doctest.h>

#include "harness/engines_test.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"
#include "harness/unix_socket.hpp"

using namespace shunt::harness;

TEST_CASE("Podman's containers, and their ports, do not need its service") {
  const TemporaryFolder folder;
  Podman podman(folder);
  podman.import_image(shop_image("shop:v1", "v1"));
  const int port = free_port();
  run_shop(podman, "shop", port);
  REQUIRE(serves(port));
  const auto started = podman.inspect("shop", "{{.State.StartedAt}}");
  for (const bool by_force : {false, true}) {
    if (by_force)
      podman.kill();
    else
      podman.stop();
    CHECK(podman.processes("conmon").size() == 1);
    CHECK(podman.run({"docker", "ps"}).code() != 0);
    CHECK(http_get(port, "/").status == 200);
    podman.start();
    CHECK(podman.inspect("shop", "{{.State.StartedAt}}") == started);
  }
}

TEST_CASE("Podman answers Docker's API, of a version or of none, and its own client") {
  const TemporaryFolder folder;
  const Podman podman(folder);
  for (const std::string path : {"/version", "/v1.40/version"}) {
    const auto answer = ask_socket(podman.socket(), "GET " + path + " HTTP/1.0\r\n\r\n");
    CHECK_MESSAGE(answer.find("\"Podman Engine\"") != std::string::npos, answer);
  }
  podman.import_image(busybox_image());
  CHECK(podman.podman({"images", "--format", "{{.Repository}}"}) == "docker.io/library/busybox");
  CHECK_THROWS(podman.podman({"inspect", "nobody"}));
}
