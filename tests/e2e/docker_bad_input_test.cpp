// What can be wrong with containers: a clear error, nothing lost.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "e2e/container_site.hpp"
#include "e2e/switch_story.hpp"
#include "harness/image_registry.hpp"

using namespace shunt::e2e;

namespace {

/// The old version serves, no container of the new one is left, and whoever asked was answered.
struct Served {
  explicit Served(ContainerSiteOptions options = {}, shunt::harness::DockerOptions engine = {})
      : site(std::move(options), std::move(engine)) {
    const auto first = site.shunt({"deploy", "v1"});
    CAPTURE(first.text());
    REQUIRE(first.code == 0);
    user.emplace(site.url());
  }

  std::string refused(ContainerSiteOptions options, int code, const std::string& error) {
    site.configure(std::move(options));
    const auto ended = site.shunt({"deploy", "v2"});
    CAPTURE(ended.text());
    CHECK(ended.code == code);
    CHECK(ended.text().find(error) != std::string::npos);
    CHECK(site.serving() == "v1");
    CHECK(site.containers() == std::vector<std::string>{"shop-web-blue-0"});
    return ended.text();
  }

  ContainerSite site;
  std::optional<User> user;
};

}  // namespace

TEST_CASE("an image, a port, a name, a health check, a command: what is wrong is said, and nothing is lost") {
  Served served;
  auto& site = served.site;
  {
    INFO("the image is nowhere");
    ContainerSiteOptions options;
    options.image = "shop:nowhere";
    options.runtime_more = "pull = \"never\",";
    served.refused(options, 1, "SH1435");
    options.image = fmt::format("127.0.0.1:{}/shop:{{version}}", shunt::harness::free_port());
    options.runtime_more = "";
    served.refused(options, 1, "SH1435");
  }
  {
    INFO("the port is taken");
    shunt::harness::Program other(
        {{shunt::harness::shop_program().string(), "--port", std::to_string(site.green), "--version", "other"}});
    other.start();
    REQUIRE(shunt::harness::eventually(std::chrono::seconds(10),
                                       [&] { return shunt::harness::http_get(site.green, "/").status == 200; }));
    const auto text = served.refused({}, 2, "SH1924");
    CHECK(text.find("shop (pid ") != std::string::npos);
  }
  {
    INFO("a foreign container has the name");
    site.engine->docker({"create", "--name", "shop-web-green-0", "shop:v2"});
    const auto text = served.refused({}, 1, "SH1402");
    CHECK(text.find("which shunt did not start") != std::string::npos);
    site.engine->docker({"rm", "shop-web-green-0"});
  }
  {
    INFO("no health check where one is relied on");
    ContainerSiteOptions options;
    options.health = "docker = true";
    served.refused(options, 1, "SH1316");
  }
  {
    INFO("it ends at once, again and again");
    ContainerSiteOptions options;
    options.runtime_more = "command = { \"/bin/sh\", \"-c\", \"echo no configuration; exit 3\" },";
    const auto text = served.refused(options, 1, "last exit status 3");
    CHECK(text.find("SH1311") != std::string::npos);
    CHECK(site.shunt({"show"}).text().find("no configuration") != std::string::npos);
  }
  served.user->leave();
  CHECK(served.user->asked > 100);
  CHECK(served.user->failed == 0);
}

TEST_CASE("an engine without space: neither a container nor an image, and the old version serves on") {
  shunt::harness::DockerOptions small;
  small.disk_mib = 256;
  Served served({}, small);
  auto& site = served.site;
  const auto& engine = dynamic_cast<const shunt::harness::Docker&>(*site.engine);
  shunt::harness::ImageRegistry registry(site.folder);
  ContainerSiteOptions elsewhere;
  elsewhere.image = registry.image("shop:{version}");
  site.engine->docker({"tag", "shop:v2", registry.image("shop:v2")});
  site.engine->docker({"push", registry.image("shop:v2")});
  site.engine->docker({"rmi", registry.image("shop:v2"), "shop:v2"});

  const auto make_room = "make room on the engine's disk";
  engine.fill_disk();
  CHECK(served.refused(elsewhere, 1, "SH1435").find(make_room) != std::string::npos);
  ContainerSiteOptions other_version;
  other_version.image = "shop:v3";
  CHECK(served.refused(other_version, 1, "SH1438").find(make_room) != std::string::npos);
  engine.fill_disk(8 * 1024);  // enough to give an image a name, and not for a container
  CHECK(served.refused(other_version, 1, "SH1401").find(make_room) != std::string::npos);

  engine.make_room();
  site.configure(elsewhere);
  const auto deployed = site.shunt({"deploy", "v2"});
  CAPTURE(deployed.text());
  CHECK(deployed.code == 0);
  CHECK(site.serving() == "v2");
  served.user->leave();
  CHECK(served.user->asked > 100);
  CHECK(served.user->failed == 0);
}
