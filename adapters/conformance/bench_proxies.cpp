// What one setting of weights costs by each proxy's adapter, beside what its bare command costs in the same run.
#include <fmt/format.h>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "adapters/conformance/proxy_caddy_bench.hpp"
#include "adapters/conformance/proxy_haproxy_bench.hpp"
#include "adapters/conformance/proxy_nginx_bench.hpp"
#include "bench/numbers.hpp"

using namespace shunt;
using namespace shunt::bench;
using namespace shunt::conformance;

namespace {

constexpr int rounds = 10;

template <typename Work>
double ms_of(Work work) {
  const auto began = Clock::now();
  work();
  return ms_between(began, Clock::now());
}

void apply(ProxyBench& bench, Weights weights) {
  const auto done = bench.run(bench.proxy().apply(weights));
  if (!done) throw std::runtime_error(to_line(done.error()));
}

void run(const std::vector<std::string>& words) {
  const auto ran = harness::run(harness::Command{words});
  if (ran.code() != 0) throw std::runtime_error(ran.output());
}

// To and fro, and each time the bare command after it, so that what else the machine does hits both alike.
void compare(const std::string& name, ProxyBench& bench, const std::function<void()>& bare) {
  apply(bench, Weights(0, 100));  // whatever has to be loaded is loaded
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int i = 0; i < rounds; ++i) {
    for (const auto& weights : {Weights(100, 0), Weights(0, 100)}) {
      ours.push_back(ms_of([&] { apply(bench, weights); }));
      theirs.push_back(ms_of(bare));
    }
  }
  fmt::print("{:22} ms: {}\n{:22} ms: {}\n", name, shown(ours), "  the bare command", shown(theirs));
  note(name + "_to_bare", median(ours) / median(theirs));
}

// One rename, by which both proxies are switched without a reload.
std::function<void()> rename_in(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto one = folder / "one";
  const auto other = folder / "other";
  std::filesystem::create_symlink("x", one);
  return [one, other] {
    std::filesystem::rename(one, other);
    std::filesystem::rename(other, one);
  };
}

void bench_haproxy() {
  HaproxyBench bench(ProxySetup{});
  const auto backend = bench.config()["backend"].get<std::string>();
  compare("haproxy", bench, [&] {
    for (const Colour color : both_colours)
      bench.haproxy().command(
          fmt::format("set server {0}/{1} weight 50;show servers state {0}", backend, bench.name_of_server(color, 0)));
  });
}

void bench_nginx() {
  NginxBench by_link(ProxySetup{}, true);
  compare("nginx_link", by_link, rename_in(by_link.folder() / "bare"));
  NginxBench by_reload(ProxySetup{}, false);
  compare("nginx_reload", by_reload, [&] { run(by_reload.nginx().reload_command()); });
}

void bench_caddy() {
  CaddyBench by_file(ProxySetup{}, true);
  compare("caddy_file", by_file, rename_in(by_file.folder() / "bare"));
  CaddyBench by_api(ProxySetup{}, false);
  compare("caddy_api", by_api, [&] {
    const auto path = harness::Caddy::handler_path() + "/upstreams";
    by_api.caddy().ask("PATCH", path, by_api.caddy().ask("GET", path));
  });
}

}  // namespace

int main() {
  try {
    bench_haproxy();
    bench_nginx();
    bench_caddy();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_proxies: {}\n", error.what());
    return 2;
  }
}
