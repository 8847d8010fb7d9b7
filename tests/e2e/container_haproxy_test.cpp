// HAProxy before containers that are reached at their own addresses: on the machine, and in a container itself.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "e2e/container_story.hpp"

using namespace shunt::e2e;
namespace harness = shunt::harness;
using namespace std::chrono_literals;

namespace {

ContainerSiteOptions told_addresses() {
  auto options = without_ports();
  options.told = true;
  return options;
}

/// HAProxy in a container: its socket, state and configuration are in a folder that this machine sees elsewhere.
class Front {
 public:
  explicit Front(ContainerSite& site) : folder_(site.folder / "front"), port_(harness::free_port()) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "haproxy.cfg") << R"(global
  stats socket /front/admin.sock mode 600 level admin expose-fd listeners
  server-state-file /front/state
defaults
  mode http
  load-server-state-from-file global
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend www
  bind :8000
  default_backend shop
backend shop
  option httpchk GET /health/ready
  server blue  blue.invalid:9  init-addr last,127.0.0.1 check inter 250ms fall 2 rise 1 weight 0
  server green green.invalid:9 init-addr last,127.0.0.1 check inter 250ms fall 2 rise 1 weight 0
)";
    auto image = harness::program_image("haproxy:host", "haproxy");
    image.changes = {R"(CMD ["haproxy", "-W", "-f", "/front/haproxy.cfg"])", "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    site.engine->import_image(image);
    site.engine->docker({"run", "-d", "--name", "front", "-v", folder_.string() + ":/front", "-p",
                         fmt::format("127.0.0.1:{}:8000", port_), "haproxy:host"});
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
  std::string table() const {
    return fmt::format(
        R"({{ type = "haproxy", socket = "{0}/admin.sock", backend = "shop", state_file = "{0}/state",
              servers = {{ blue = "blue", green = "green" }} }})",
        folder_.string());
  }

 private:
  std::filesystem::path folder_;
  int port_;
};

}  // namespace

TEST_CASE("HAProxy is told where containers are; a reload forgets nothing, and a container may come back elsewhere") {
  ContainerSite site(told_addresses());
  succeed(site, {"deploy", "v1"}, "v1");
  deploy_and_go_back(site, [&] {
    site.proxy->reload();
    CHECK(site.serving() == "v2");
  });
  site.proxy->reload();
  CHECK(site.status()["drift"].empty());
  come_back_elsewhere(site);
  const auto refused = site.shunt({"deploy", "v3"});
  CAPTURE(refused.text());
  CHECK(refused.code == 3);
  CHECK(refused.text().find("SH1923") != std::string::npos);
  succeed(site, {"repair", "--due"}, "v1");
  CHECK(site.proxy->command("show servers state shop").find(site.address_of("shop-web-blue-0").substr(0, 10)) !=
        std::string::npos);
}

TEST_CASE("HAProxy in a container is driven by its socket in a volume") {
  ContainerSite site(told_addresses());
  const Front front(site);
  go_behind(site, front.table(), front.url());
  succeed(site, {"deploy", "v1"}, "v1");
  deploy_and_go_back(site, [&] {
    site.engine->docker({"kill", "--signal", "USR2", "front"});  // reads its configuration again
    std::this_thread::sleep_for(1s);
    CHECK(site.serving() == "v2");
  });
}
