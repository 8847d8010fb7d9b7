#include "harness/image_registry.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "harness/docker.hpp"
#include "harness/engines_test.hpp"
#include "harness/http_get.hpp"
#include "harness/podman.hpp"
#include "harness/ports.hpp"

using namespace shunt::harness;

TEST_CASE_TEMPLATE("an engine pushes to a registry, and pulls from it", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  const Engine engine(folder);
  ImageRegistry registry(folder);
  const auto image = registry.image("shop:v1");
  engine.import_image(shop_image(image, "v1"));
  engine.docker({"push", image});
  engine.docker({"rmi", image});
  REQUIRE(engine.docker({"images", "--quiet"}) == "");

  engine.docker({"pull", image});
  const int port = free_port();
  run_shop(engine, "shop", port, image);
  CHECK(serves(port));
  CHECK_THROWS_WITH(engine.docker({"pull", registry.image("shop:v2")}), doctest::Contains("manifest unknown"));

  registry.program().kill();
  CHECK_THROWS_WITH(engine.docker({"pull", image}), doctest::Contains("connection refused"));
  registry.start();
  engine.docker({"pull", image});
}

TEST_CASE_TEMPLATE("a registry with a password lets in who knows it", Engine, Docker, Podman) {
  const TemporaryFolder folder;
  const Engine engine(folder);
  const ImageRegistry registry(folder, {"harbour", "correct horse"});
  const auto image = registry.image("shop:v1");
  engine.import_image(shop_image(image, "v1"));
  const auto is_refused = [&](const std::string& verb) { return engine.run({"docker", verb, image}).code() != 0; };
  CHECK(http_get(registry.port(), "/v2/").status == 401);
  CHECK(is_refused("push"));
  engine.log_in(registry.address(), "harbour", "wrong horse");
  CHECK(is_refused("push"));

  engine.log_in(registry.address(), "harbour", "correct horse");
  engine.docker({"push", image});
  engine.docker({"rmi", image});
  engine.docker({"pull", image});

  engine.docker({"rmi", image});
  engine.log_in(registry.address(), "harbour", "wrong horse");
  CHECK(is_refused("pull"));
}

TEST_CASE("what log_in() writes is what docker login writes") {
  const TemporaryFolder folder;
  const Docker docker(folder);
  const ImageRegistry registry(folder, {"harbour", "correct horse"});
  const auto log_in = [&](const std::string& password) {
    return docker.run({"docker", "login", "--username", "harbour", "--password", password, registry.address()});
  };
  CHECK(log_in("wrong horse").code() != 0);
  CHECK(log_in("correct horse").code() == 0);
  const auto auths = [&] { return nlohmann::json::parse(folder.read("docker/client/config.json"))["auths"]; };
  const auto written = auths();
  docker.log_in(registry.address(), "harbour", "correct horse");
  CHECK(auths() == written);
}

TEST_CASE("a registry that does not start says why") {
  enter_own_network();
  const TemporaryFolder folder;
  folder.write("registry/images", "a file where its folder should be");
  CHECK_NOTHROW(ImageRegistry(folder, {.folder = "other"}));
  ImageRegistry first(folder);
  first.program().kill();
  folder.write("registry/config.yml", "version: 7.0");
  CHECK_THROWS_WITH_AS(first.start(), doctest::Contains("version"), std::runtime_error);
}
