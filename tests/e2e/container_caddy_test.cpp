// Caddy before containers that are reached at their own addresses.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>

#include "e2e/container_site.hpp"
#include "harness/caddy.hpp"

using namespace shunt::e2e;
namespace harness = shunt::harness;

namespace {

ContainerSiteOptions without_ports() {
  ContainerSiteOptions options;
  options.publish = false;
  options.options = "soak = \"0s\", hold = \"1h\"";
  options.drain = "3s";
  return options;
}

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

void succeed(ContainerSite& site, std::vector<std::string> words, const std::string& version) {
  const auto ended = site.shunt(std::move(words));
  CAPTURE(ended.text());
  REQUIRE(ended.code == 0);
  CHECK(site.serving() == version);
}

void deploy_and_go_back(ContainerSite& site, const std::string& table, const std::string& url) {
  auto options = without_ports();
  options.proxy = table;
  options.url = url;
  site.configure(options);
  succeed(site, {"deploy", "v1"}, "v1");
  Trickle visitor(site.url());
  succeed(site, {"deploy", "v2"}, "v2");
  succeed(site, {"rollback"}, "v1");
  CHECK(visitor.stop() == "");
  CHECK(visitor.versions() == "v1 v2 v1");
}

void come_back_elsewhere(ContainerSite& site) {
  const auto before = site.address_of("shop-web-blue-0");
  site.engine->docker({"stop", "-t", "1", "shop-web-blue-0"});
  site.engine->docker({"run", "-d", "--name", "squatter", "shop:v3"});
  site.engine->docker({"start", "shop-web-blue-0"});
  REQUIRE(site.address_of("squatter") == before);
  const auto repaired = site.shunt({"repair", "--due"});
  CAPTURE(repaired.text());
  CHECK(repaired.code == 0);
  CHECK(site.serving() == "v1");
}

}  // namespace

TEST_CASE("Caddy sends requests to containers by a file") {
  ContainerSite site(without_ports());
  harness::CaddyOptions caddy_options;
  caddy_options.by_file = true;
  const harness::Caddy caddy(site.folder, caddy_options);
  const auto table =
      fmt::format(R"({{ type = "caddy", switch = "file", admin = "{}", folder = "{}", reload = {{ "{}" }} }})",
                  caddy.admin(), caddy.shares().string(), fmt::join(caddy.reload_command(), "\", \""));
  deploy_and_go_back(site, table, caddy.url());
  come_back_elsewhere(site);
}

TEST_CASE("Caddy sends requests to containers by its admin API") {
  ContainerSite site(without_ports());
  const harness::Caddy caddy(site.folder, {});
  deploy_and_go_back(site, fmt::format(R"({{ type = "caddy", admin = "{}", id = "shop" }})", caddy.admin()),
                     caddy.url());
  come_back_elsewhere(site);
}

TEST_CASE("Caddy in a container is driven by its published admin API, and by a file in a volume") {
  ContainerSite site(without_ports());
  const Front front(site);
  deploy_and_go_back(site, front.table(), front.url());
}
