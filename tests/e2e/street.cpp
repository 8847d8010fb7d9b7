#include "e2e/street.hpp"

#include <fmt/format.h>
#include <chrono>

namespace shunt::e2e {

Street::Street(int count) {
  const auto ports = harness::free_ports(2 * count);
  for (std::size_t i = 0; i < ports.size(); i += 2) {
    auto& house = houses.emplace_back();
    house.name = std::string(1, static_cast<char>('a' + i / 2));
    house.blue = ports[i];
    house.green = ports[i + 1];
    harness::HaproxyOptions options;
    options.folder = house.name;
    options.servers = {{"blue", house.blue, 0}, {"green", house.green, 0}};
    house.proxy = std::make_unique<harness::Haproxy>(folder, options);
  }
  configure();
}

void Street::configure() {
  std::string services;
  for (const auto& house : houses)
    services += fmt::format(
        R"(    {name} = {{
      runtime = {{
        type = "process",
        command = {{ "{shop}", "--port", "{{port}}", "--version", "{{version}}", {command_more} }},
        ports = {{ blue = {blue}, green = {green} }},
      }},
      health = {{ path = "/health/ready", timeout = "2s", interval = "100ms" }},
      proxy = {{ type = "haproxy", socket = "{socket}", backend = "shop", servers = {{ blue = "blue", green = "green" }} }},
      verify = {{ url = "{url}", header = "X-Version", equals = "{{version}}", timeout = "5s" }},
      drain = "2s",
      {more}
    }},
)",
        fmt::arg("name", house.name), fmt::arg("shop", harness::shop_program().string()),
        fmt::arg("command_more", house.command_more), fmt::arg("blue", house.blue), fmt::arg("green", house.green),
        fmt::arg("socket", house.proxy->socket().string()), fmt::arg("url", house.proxy->url("/")),
        fmt::arg("more", house.more));
  write_app(
      fmt::format("return {{\n  app = \"street\",\n  strategy = \"{}\",\n  options = {{ {} }},\n  services = "
                  "{{\n{}{}  }},\n}}\n",
                  strategy, options, services, more_services));
}

std::vector<std::string> Street::serving() const {
  std::vector<std::string> versions;
  for (const auto& house : houses) {
    const auto answer = harness::http_get(house.proxy->url("/"));
    versions.push_back(answer.status == 200 ? answer.header("x-version") : "");
  }
  return versions;
}

std::vector<std::string> Street::weights() const {
  std::vector<std::string> weights;
  for (const auto& house : houses)
    weights.push_back(house.proxy->stat("blue", "weight") + "/" + house.proxy->stat("green", "weight"));
  return weights;
}

Visitor::Visitor(const Street& street) : street_(street) {
  thread_ = std::thread([this] {
    while (!stop_) {
      Visit visit;
      visit.began =
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count();
      visit.versions = street_.serving();
      visits_.push_back(std::move(visit));
    }
  });
}

std::vector<Visitor::Visit> Visitor::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return visits_;
}

Visitor::~Visitor() {
  stop();
}

}  // namespace shunt::e2e
