// A service in containers behind nginx, deployed ten times under load: by a plain script of Compose and shell, as
// people write it, and by shunt with Compose and with Docker alone. Seconds until users see the new version and until
// the command is done (shunt drains the old one before it stops it; the script does not), requests lost, memory of the
// largest process that it took.
#include <fmt/format.h>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <future>
#include <stdexcept>

#include "bench/numbers.hpp"
#include "e2e/site.hpp"
#include "harness/docker.hpp"
#include "harness/eventually.hpp"
#include "harness/http_get.hpp"

using namespace shunt;
using namespace shunt::bench;
using namespace std::chrono_literals;

namespace {

constexpr int rounds = 10;
constexpr int connections = 16;

// What takes its arguments, and prints the peak of resident memory of its children, in KiB, as its last line.
constexpr const char* measured =
    "import resource, subprocess, sys\n"
    "code = subprocess.call(sys.argv[1:])\n"
    "print()\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    "sys.exit(code)\n";

// Start the new one, wait until it is healthy, point the proxy at it, remove the old one: with `--wait` and a reload,
// which is more than many such scripts do.
constexpr const char* plain_script = R"(#!/bin/sh
set -e
new=$1 old=$2 port=$3
export TAG=$4
docker compose -p "shop-$new" -f compose.yml -f "compose.$new.yml" up -d
until curl -sf "http://127.0.0.1:$port/health/ready" >/dev/null; do sleep 1; done
printf 'upstream shop { server 127.0.0.1:%s; }\n' "$port" > "$5"
nginx -s reload -c "$6"
docker compose -p "shop-$old" -f compose.yml -f "compose.$old.yml" down
)";

struct Deployed {
  double seen = 0;     ///< seconds until users see the new version
  double seconds = 0;  ///< until the command is done
  double mib = 0;
};

/// One way to do it, with an engine and an nginx of its own.
class Way : public e2e::Desk {
 public:
  explicit Way(bool by_link) {
    const auto ports = harness::free_ports(2);
    blue_ = ports[0];
    green_ = ports[1];
    for (const char* version : {"v1", "v2"})
      engine_.import_image(harness::shop_image(fmt::format("shop:{}", version), version));
    harness::NginxOptions options;
    options.by_link = by_link;
    nginx_ = std::make_unique<harness::Nginx>(folder, options);
    folder.write("compose.yml", "services:\n  web:\n    image: shop:${TAG}\n");
    for (const auto& [color, port] : {std::pair{"blue", blue_}, std::pair{"green", green_}})
      folder.write(fmt::format("compose.{}.yml", color),
                   fmt::format("services:\n  web:\n    ports: [\"127.0.0.1:{}:8080\"]\n", port));
    folder.write("deploy.sh", plain_script);
  }

  Deployed measure(std::vector<std::string> argv, const std::string& version) {
    argv.insert(argv.begin(), {"python3", "-c", measured});
    harness::Command command{std::move(argv)};
    command.env = engine_.environment();
    command.cwd = folder.path();
    const auto began = Clock::now();
    auto seen = std::async(std::launch::async, [&] { return first_seen(version); });
    const auto ran = harness::run(command, 120s);
    if (ran.code() != 0) throw std::runtime_error(ran.output());
    Deployed deployed;
    deployed.seconds = ms_between(began, Clock::now()) / 1000;
    deployed.seen = ms_between(began, seen.get()) / 1000;
    const auto end = ran.out.find_last_not_of('\n') + 1;
    deployed.mib = std::stod(ran.out.substr(ran.out.rfind('\n', end - 1) + 1)) / 1024;
    return deployed;
  }

  std::vector<std::string> by_script(bool to_green, const std::string& version) const {
    return {"sh",
            "deploy.sh",
            to_green ? "green" : "blue",
            to_green ? "blue" : "green",
            std::to_string(to_green ? green_ : blue_),
            version,
            nginx_->include_file().string(),
            nginx_->config().string()};
  }

  std::vector<std::string> by_shunt(const std::string& version) const { return command({"deploy", version}).argv; }

  void write_app_with(const std::string& runtime) {
    const auto words = [](const std::vector<std::string>& list) {
      std::string text;
      for (const auto& word : list) text += (text.empty() ? "\"" : ", \"") + word + "\"";
      return text;
    };
    write_app(fmt::format(
        R"(return {{ app = "shop", strategy = "blue_green", options = {{ soak = "0s" }}, services = {{ web = {{
  runtime = {{ {}, port = 8080 }},
  health = {{ path = "/health/ready", timeout = "30s" }},
  proxy = {{ type = "nginx", upstream = "shop", file = "{}", pid_file = "{}", switch = "link", link = "{}",
            test = {{ {} }}, reload = {{ {} }} }},
  verify = {{ url = "{}", header = "X-Version", equals = "{{version}}" }},
  drain = "5s", stop = {{ grace = "5s" }},
}} }} }})",
        runtime, nginx_->include_file().string(), nginx_->pid_file().string(), nginx_->link().string(),
        words(nginx_->test_command()), words(nginx_->reload_command()), nginx_->url()));
  }

  std::string docker_runtime() const {
    return fmt::format(R"(type = "docker", image = "shop:{{version}}", publish = {{ blue = {}, green = {} }})", blue_,
                       green_);
  }

  std::string url() const { return nginx_->url(); }

 private:
  Clock::time_point first_seen(const std::string& version) const {
    const auto sees = [&] { return harness::http_get(url()).header("x-version") == version; };
    if (!harness::eventually(120s, sees)) throw std::runtime_error(version + " was never seen");
    return Clock::now();
  }

  harness::Docker engine_{folder};  // before everything that is started in its network
  int blue_ = 0;
  int green_ = 0;
  std::unique_ptr<harness::Nginx> nginx_;
};

constexpr const char* compose_runtime =
    R"(type = "compose", files = { "compose.yml" }, env = { TAG = "{version}" },
              overlay = { blue = { "compose.blue.yml" }, green = { "compose.green.yml" } })";

struct Outcome {
  std::vector<double> seen;
  std::vector<double> seconds;
  std::vector<double> mib;
  long lost = 0;
  long requests = 0;
};

std::string version_of(int round) {
  return round % 2 == 1 ? "v2" : "v1";
}

// `next` is the command of each round.
template <typename Next>
Outcome deploy_under_load(const char* name, Way& way, const Next& next) {
  way.measure(next(0), version_of(0));
  way.measure(next(1), version_of(1));
  auto load = harness::Load::hey(way.url(), connections, 600s, {"-m", "POST", "-d", "order=1"});
  Outcome outcome;
  for (int round = 0; round < rounds; ++round) {
    const auto deployed = way.measure(next(round), version_of(round));
    outcome.seen.push_back(deployed.seen);
    outcome.seconds.push_back(deployed.seconds);
    outcome.mib.push_back(deployed.mib);
  }
  const auto seen = load.stop();
  outcome.lost = seen.failed();
  outcome.requests = seen.requests;
  fmt::print("{}: seconds until seen {}; until done {}; largest process, MiB {}; hey POST: {}\n", name,
             shown(outcome.seen), shown(outcome.seconds), shown(outcome.mib), seen.text());
  return outcome;
}

Outcome by_script() {
  Way way(false);
  return deploy_under_load("a plain script", way,
                           [&](int round) { return way.by_script(round % 2 == 1, version_of(round)); });
}

Outcome by_shunt(const char* name, bool compose) {
  Way way(true);
  way.write_app_with(compose ? compose_runtime : way.docker_runtime());
  return deploy_under_load(name, way, [&](int round) { return way.by_shunt(version_of(round)); });
}

}  // namespace

int main() {
  try {
    const auto plain = by_script();
    const auto compose = by_shunt("shunt with Compose", true);
    const auto docker = by_shunt("shunt with Docker", false);
    at_most("lost_with_compose", static_cast<double>(compose.lost), 0);
    at_most("lost_with_docker", static_cast<double>(docker.lost), 0);
    note("lost_by_a_plain_script", static_cast<double>(plain.lost));
    note("seen_compose_to_plain", median(compose.seen) / median(plain.seen));
    note("seen_docker_to_plain", median(docker.seen) / median(plain.seen));
    note("seconds_compose_to_plain", median(compose.seconds) / median(plain.seconds));
    note("seconds_docker_to_plain", median(docker.seconds) / median(plain.seconds));
    note("memory_compose_to_plain", median(compose.mib) / median(plain.mib));
    note("memory_docker_to_plain", median(docker.mib) / median(plain.mib));
    return compose.lost + docker.lost == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_containers: {}\n", error.what());
    return 2;
  }
}
