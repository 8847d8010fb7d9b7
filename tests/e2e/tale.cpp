#include "e2e/tale.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <sstream>

namespace shunt::e2e {

namespace {

constexpr std::array<const char*, 5> names = {"crawler", "graph-db", "platform", "rag", "search"};

constexpr const char* own_check = R"(
    healthcheck:
      test: ["CMD", "/bin/busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/health/ready"]
      interval: 1s
      timeout: 2s
      retries: 2)";

std::string health_of(const std::string& name) {
  return name == "platform" ? "path = \"/health/ready\"" : "docker = true";
}

}  // namespace

Tale::Tale(TaleOptions options) {
  const auto ports = harness::free_ports(static_cast<int>(2 * names.size()));
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& house = houses.emplace_back();
    house.name = names.at(i);
    house.blue = ports[2 * i];
    house.green = ports[2 * i + 1];
    harness::HaproxyOptions haproxy;
    haproxy.folder = house.name;
    haproxy.servers = {{"blue", house.blue, 0}, {"green", house.green, 0}};
    haproxy.inter = "250ms";
    house.proxy = std::make_unique<harness::Haproxy>(folder, haproxy);
  }
  for (const char* version : {"v1", "v2", "v3"}) {
    engine.import_image(harness::shop_image(fmt::format("tale:{}", version), version));
    const std::vector<std::string> flags(std::string(version) == "v3" ? 1 : 0, "--unhealthy");
    engine.import_image(harness::shop_image(fmt::format("rag:{}", version), version, flags));
  }
  write_compose_files();
  configure(std::move(options));
  const auto shared = folder / "compose.shared.yml";
  const auto up = engine.run({"docker", "compose", "-p", "tale-shared", "-f", shared.string(), "up", "-d"});
  if (up.code() != 0) throw std::runtime_error("the database does not come up: " + up.output());
}

// As the seed has them: a base, and an overlay for each colour with names and ports.
void Tale::write_compose_files() {
  folder.write("compose.shared.yml", R"(services:
  db:
    image: tale:v1
    container_name: tale-db
    entrypoint: ["/bin/sleep", "1000000"]
    networks: [shared]
networks:
  shared:
    name: tale-shared
)");
  std::string base = "services:\n";
  for (const auto& house : houses)
    base += fmt::format(
        "  {0}:\n    image: {1}:${{TAG}}\n    restart: unless-stopped\n    networks: [default, shared]{2}\n",
        house.name, house.name == "rag" ? "rag" : "tale", house.name == "platform" ? "" : own_check);
  base += "networks:\n  shared:\n    name: tale-shared\n    external: true\n";
  folder.write("compose.yml", base);
  for (const auto colour : {"blue", "green"}) {
    std::string overlay = "services:\n";
    for (const auto& house : houses)
      overlay += fmt::format("  {0}:\n    container_name: tale-{0}-{1}\n    ports: [\"127.0.0.1:{2}:8080\"]\n",
                             house.name, colour, colour == std::string("blue") ? house.blue : house.green);
    folder.write(fmt::format("compose.{}.yml", colour), overlay);
  }
}

void Tale::configure(TaleOptions options) {
  std::string services;
  for (const auto& house : houses)
    services += fmt::format(
        R"(    ["{name}"] = {{
      runtime = {{
        type = "compose", files = {{ "compose.yml" }},
        overlay = {{ blue = {{ "compose.blue.yml" }}, green = {{ "compose.green.yml" }} }},
        port = 8080, env = {{ TAG = "{{version}}" }},
      }},
      health = {{ {health}, timeout = "20s", interval = "200ms" }},
      smoke = {{ {{ path = "/", contains = "{{version}}" }} }},
      proxy = {{ type = "haproxy", socket = "{socket}", backend = "shop", servers = {{ blue = "blue", green = "green" }} }},
      verify = {{ url = "{url}", header = "X-Version", equals = "{{version}}" }},
      drain = "{drain}",
      stop = {{ grace = "2s" }},
    }},
)",
        fmt::arg("name", house.name), fmt::arg("health", health_of(house.name)),
        fmt::arg("socket", house.proxy->socket().string()), fmt::arg("url", house.proxy->url("/")),
        fmt::arg("drain", options.drain));
  write_app(
      fmt::format("return {{\n  app = \"tale\",\n  strategy = \"blue_green\",\n  options = {{ {} }},\n  {}\n  services "
                  "= {{\n{}  }},\n}}\n",
                  options.options, options.more, services));
}

std::map<std::string, std::string> Tale::with_engine(std::map<std::string, std::string> env) const {
  env.merge(engine.environment());
  return env;
}

Ended Tale::deploy(std::vector<std::string> words, std::map<std::string, std::string> env) {
  return shunt(std::move(words), with_engine(std::move(env)));
}

harness::Program Tale::begin(std::vector<std::string> words) {
  return start(std::move(words), with_engine({}));
}

std::vector<std::string> Tale::serving() const {
  std::vector<std::string> versions;
  for (const auto& house : houses) {
    const auto answer = harness::http_get(house.proxy->url("/"));
    versions.push_back(answer.status == 200 ? answer.header("x-version") : "");
  }
  return versions;
}

std::vector<std::string> Tale::running(const std::string& color) const {
  std::vector<std::string> all;
  std::istringstream lines(
      engine.docker({"ps", "--no-trunc", "--filter", "label=shunt.color=" + color, "--format", "{{.Names}} {{.ID}}"}));
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  std::sort(all.begin(), all.end());
  return all;
}

std::string Tale::database() const {
  return engine.inspect("tale-db", "{{.Id}} {{.State.StartedAt}} {{.RestartCount}}");
}

}  // namespace shunt::e2e
