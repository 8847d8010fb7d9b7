// Caddy before containers that are reached at their own addresses.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>

#include "e2e/container_story.hpp"
#include "harness/caddy.hpp"

using namespace shunt::e2e;
namespace harness = shunt::harness;

namespace {

/// A Caddy in a container: its admin API is published, and it has the folder with the file at the same path.
class Front {
 public:
  explicit Front(ContainerSite& site) : folder_(site.folder / "front") {
    const auto ports = harness::free_ports(2);
    port_ = ports[0];
    admin_ = ports[1];
    std::filesystem::create_directories(folder_ / "shares");
    std::ofstream(folder_ / "Caddyfile") << fmt::format(
        "{{\n\tadmin 0.0.0.0:2019\n\tauto_https off\n}}\n"
        "http://:8000 {{\n\timport \"{}/shares/web.cadd?\"\n}}\n",
        folder_.string());
    auto image = harness::program_image("caddy:host", "caddy");
    image.changes = {fmt::format(R"(CMD ["caddy", "run", "--config", "{}/Caddyfile"])", folder_.string()),
                     "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin", "ENV HOME=/tmp"};
    site.engine->import_image(image);
    site.engine->docker({"run", "-d", "--name", "front", "-v", folder_.string() + ":" + folder_.string(), "-p",
                         fmt::format("127.0.0.1:{}:8000", port_), "-p", fmt::format("127.0.0.1:{}:2019", admin_),
                         "caddy:host"});
    reload_ = fmt::format(
        R"({{ "docker", "-H", "{}", "exec", "front", "caddy", "reload", "--config", "{}/Caddyfile", "--force" }})",
        site.engine->host(), folder_.string());
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
  std::string table() const {
    return fmt::format(
        R"({{ type = "caddy", switch = "file", admin = "http://127.0.0.1:{}", folder = "{}/shares", reload = {} }})",
        admin_, folder_.string(), reload_);
  }

 private:
  std::filesystem::path folder_;
  int port_ = 0;
  int admin_ = 0;
  std::string reload_;
};

}  // namespace

TEST_CASE("Caddy sends requests to containers by a file") {
  ContainerSite site(without_ports());
  harness::CaddyOptions caddy_options;
  caddy_options.by_file = true;
  const harness::Caddy caddy(site.folder, caddy_options);
  const auto table =
      fmt::format(R"({{ type = "caddy", switch = "file", admin = "{}", folder = "{}", reload = {{ "{}" }} }})",
                  caddy.admin(), caddy.shares().string(), fmt::join(caddy.reload_command(), "\", \""));
  go_behind(site, table, caddy.url());
  succeed(site, {"deploy", "v1"}, "v1");
  deploy_and_go_back(site);
  come_back_elsewhere(site);
  succeed(site, {"repair", "--due"}, "v1");
}

TEST_CASE("Caddy sends requests to containers by its admin API") {
  ContainerSite site(without_ports());
  const harness::Caddy caddy(site.folder, {});
  go_behind(site, fmt::format(R"({{ type = "caddy", admin = "{}", id = "shop" }})", caddy.admin()), caddy.url());
  succeed(site, {"deploy", "v1"}, "v1");
  deploy_and_go_back(site);
  come_back_elsewhere(site);
  succeed(site, {"repair", "--due"}, "v1");
}

TEST_CASE("Caddy in a container is driven by its published admin API, and by a file in a volume") {
  ContainerSite site(without_ports());
  const Front front(site);
  go_behind(site, front.table(), front.url());
  succeed(site, {"deploy", "v1"}, "v1");
  deploy_and_go_back(site);
}
