// nginx before containers that are reached at their own addresses: on the machine, and in a container itself.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>

#include "e2e/container_story.hpp"
#include "harness/nginx.hpp"

using namespace shunt::e2e;
namespace harness = shunt::harness;

namespace {

std::string list_of(const std::vector<std::string>& words) {
  return fmt::format("{{ \"{}\" }}", fmt::join(words, "\", \""));
}

/// An nginx on the machine.
class Local {
 public:
  Local(ContainerSite& site, bool by_link) : by_link_(by_link), nginx_(site.folder, options_for(by_link)) {}

  std::string url() const { return nginx_.url(); }
  std::size_t reloads() const {
    std::ifstream log(nginx_.error_log());
    std::size_t count = 0;
    for (std::string line; std::getline(log, line);) count += line.ends_with(": reconfiguring") ? 1 : 0;
    return count;
  }
  std::string table() const {
    const auto how = by_link_ ? fmt::format(R"(switch = "link", link = "{}",)", nginx_.link().string()) : "";
    return fmt::format(
        R"({{ type = "nginx", upstream = "shop", file = "{}", pid_file = "{}", {} test = {}, reload = {} }})",
        nginx_.include_file().string(), nginx_.pid_file().string(), how, list_of(nginx_.test_command()),
        list_of(nginx_.reload_command()));
  }

 private:
  static harness::NginxOptions options_for(bool by_link) {
    harness::NginxOptions options;
    options.by_link = by_link;
    return options;
  }

  bool by_link_;
  harness::Nginx nginx_;
};

/// An nginx in a container that has the folder with its files at the same path as this machine.
class Front {
 public:
  explicit Front(ContainerSite& site) : site_(site), folder_(site.folder / "front"), port_(harness::free_port()) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "shop.conf") << "map \"\" $shunt_shop { default \"\"; }\n";
    std::ofstream(folder_ / "nginx.conf") << fmt::format(R"(daemon off;
user root;
worker_processes 2;
pid {0}/nginx.pid;
error_log {0}/error.log notice;
events {{ }}
http {{
  access_log off;
  client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;
  include {0}/shop.conf;
  server {{
    listen 8000;
    location / {{ root {0}/shares/live; proxy_pass http://$shunt_shop; }}
  }}
}}
)",
                                                         folder_.string());
    auto image = harness::program_image("nginx:host", "nginx");
    image.changes = {fmt::format(R"(CMD ["nginx", "-c", "{}/nginx.conf"])", folder_.string()),
                     "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    site.engine->import_image(image);
    site.engine->docker({"run", "-d", "--name", "front", "-v", folder_.string() + ":" + folder_.string(), "-p",
                         fmt::format("127.0.0.1:{}:8000", port_), "nginx:host"});
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
  std::string table() const {
    return fmt::format(R"({{ type = "nginx", upstream = "shop", file = "{0}/shop.conf", pid_file = "{0}/nginx.pid",
              switch = "link", link = "{0}/shares/live", test = {1}, reload = {2} }})",
                       folder_.string(), list_of(inside({"-t"})), list_of(inside({"-s", "reload"})));
  }

 private:
  std::vector<std::string> inside(std::vector<std::string> flags) const {
    std::vector<std::string> words = {
        "docker", "-H", site_.engine->host(), "exec", "front", "nginx", "-c", (folder_ / "nginx.conf").string()};
    words.insert(words.end(), flags.begin(), flags.end());
    return words;
  }

  ContainerSite& site_;
  std::filesystem::path folder_;
  int port_;
};

}  // namespace

TEST_CASE("nginx sends requests to containers by a link, and is reloaded only for new addresses") {
  ContainerSite site(without_ports());
  const Local proxy(site, true);
  go_behind(site, proxy.table(), proxy.url());
  succeed(site, {"deploy", "v1"}, "v1");
  CHECK(proxy.reloads() == 1);
  deploy_and_go_back(site, [&] { CHECK(proxy.reloads() == 2); });
  CHECK(proxy.reloads() == 2);
  come_back_elsewhere(site);
  succeed(site, {"repair", "--due"}, "v1");
  CHECK(proxy.reloads() == 3);
}

TEST_CASE("nginx sends requests to containers by reloads") {
  ContainerSite site(without_ports());
  const Local proxy(site, false);
  go_behind(site, proxy.table(), proxy.url());
  succeed(site, {"deploy", "v1"}, "v1");
  deploy_and_go_back(site);
}

TEST_CASE("nginx in a container is tested and reloaded by docker exec, and its workers are seen") {
  ContainerSite site(without_ports());
  const Front proxy(site);
  go_behind(site, proxy.table(), proxy.url());
  succeed(site, {"deploy", "v1"}, "v1");
  deploy_and_go_back(site);
}
