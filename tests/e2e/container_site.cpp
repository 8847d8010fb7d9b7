#include "e2e/container_site.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <sstream>

namespace shunt::e2e {

ContainerSite::ContainerSite(ContainerSiteOptions options, harness::DockerOptions engine_options)
    : engine(std::make_unique<harness::Docker>(folder, std::move(engine_options))), options_(std::move(options)) {
  open();
}

ContainerSite::ContainerSite(ContainerSiteOptions options, harness::PodmanOptions engine_options)
    : engine(std::make_unique<harness::Podman>(folder, std::move(engine_options))), options_(std::move(options)) {
  open();
}

void ContainerSite::open() {
  const auto ports = harness::free_ports(2);
  blue = ports[0];
  green = ports[1];
  harness::HaproxyOptions haproxy;
  haproxy.servers = {{"blue", blue, 0}, {"green", green, 0}};
  haproxy.inter = "250ms";  // a container answers later than a process, where many share two processors
  if (options_.told) haproxy.servers = {harness::found_later("blue"), harness::found_later("green")};
  haproxy.state_file = options_.told;
  proxy = std::make_unique<harness::Haproxy>(folder, haproxy);
  for (const char* version : {"v1", "v2", "v3"})
    engine->import_image(harness::shop_image(fmt::format("shop:{}", version), version));
  write_app(app_text());
}

void ContainerSite::configure(ContainerSiteOptions options) {
  options_ = std::move(options);
  write_app(app_text());
}

std::string ContainerSite::app_text() const {
  const auto publish = options_.publish ? fmt::format("publish = {{ blue = {}, green = {} }},", blue, green) : "";
  const auto haproxy = fmt::format(
      R"({{ type = "haproxy", socket = "{}", backend = "shop", servers = {{ blue = "blue", green = "green" }},{} }})",
      proxy->socket().string(), options_.told ? fmt::format(" state_file = \"{}\"", proxy->state_file().string()) : "");
  return fmt::format(
      R"(return {{
  app = "shop",
  strategy = "blue_green",
  options = {{ {options} }},
  {more}
  services = {{
    web = {{
      runtime = {{ type = "docker", host = "{host}", image = "{image}", port = 8080, {publish} {runtime_more} }},
      health = {{ {health}, timeout = "{health_timeout}", interval = "100ms" }},
      smoke = {{ {{ path = "/", status = 200, contains = "Shop {{version}}" }} }},
      proxy = {proxy},
      verify = {{ url = "{url}", header = "X-Version", equals = "{{version}}", timeout = "5s" }},
      drain = "{drain}",
      stop = {{ grace = "3s" }},
      {service_more}
    }},
  }},
}}
)",
      fmt::arg("options", options_.options), fmt::arg("more", options_.more),
      fmt::arg("host", engine->socket().string()), fmt::arg("image", options_.image), fmt::arg("publish", publish),
      fmt::arg("runtime_more", options_.runtime_more), fmt::arg("health", options_.health),
      fmt::arg("health_timeout", options_.health_timeout),
      fmt::arg("proxy", options_.proxy.empty() ? haproxy : options_.proxy), fmt::arg("url", url()),
      fmt::arg("drain", options_.drain), fmt::arg("service_more", options_.service_more));
}

std::string ContainerSite::url(const std::string& path) const {
  return options_.url.empty() ? proxy->url(path) : options_.url + path.substr(1);
}

std::string ContainerSite::address_of(const std::string& container) const {
  return engine->inspect(container, "{{.NetworkSettings.IPAddress}}") + ":8080";
}

std::string ContainerSite::serving() const {
  const auto answer = harness::http_get(url());
  return answer.status == 200 ? answer.header("x-version") : "";
}

std::vector<std::string> ContainerSite::containers() const {
  std::vector<std::string> names;
  std::istringstream lines(engine->docker({"ps", "--all", "--filter", "label=shunt.app", "--format", "{{.Names}}"}));
  for (std::string name; lines >> name;) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string ContainerSite::id_of(const std::string& container) const {
  return engine->docker({"ps", "--all", "--quiet", "--no-trunc", "--filter", "name=^/" + container + "$"});
}

Trickle::Trickle(std::string url)
    : thread_([this, url = std::move(url)] {
        while (!over_) {
          ask(url);
          std::this_thread::sleep_for(std::chrono::milliseconds(250));
        }
      }) {}

Trickle::~Trickle() {
  stop();
}

std::string Trickle::stop() {
  over_ = true;
  if (thread_.joinable()) thread_.join();
  return failures_;
}

void Trickle::ask(const std::string& url) {
  const auto answer = harness::http_get(url);
  const auto version = answer.header("x-version");
  ++requests_;
  if (answer.status != 200 || version.empty())
    failures_ += fmt::format("request {}: {} {}\n", requests_, answer.status, answer.error);
  if (version.empty() || version == last_) return;
  versions_ += (versions_.empty() ? "" : " ") + version;
  last_ = version;
}

}  // namespace shunt::e2e
