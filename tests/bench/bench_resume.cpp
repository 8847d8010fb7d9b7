// From the start of `shunt resume` to the first thing that it asks of the world, after a deployment that was killed
// while it was watched: locks, the journal checked and replayed, the proxies looked at again. Beside it, what a bare
// start of shunt takes.
#include <csignal>
#include <exception>

#include "bench/watched_site.hpp"

using namespace shunt;
using namespace shunt::bench;
using namespace std::chrono_literals;

namespace {

constexpr int repetitions = 20;
constexpr double most_ms = 2'000;

struct Times {
  std::vector<double> first_action;
  std::vector<double> start;
};

struct Bench {
  NumberSource source;
  e2e::Site site{watched_by(source)};
  Times times;

  void begin() {
    const auto first = site.shunt({"deploy", "v1", "--set", "soak=0s"});
    need(first.code == 0, first.text());
  }

  void once() {
    source.calm();
    auto deployment = site.start({"deploy", "v2"});
    need(source.asked(30s), "the gate is not read: " + deployment.output());
    deployment.kill();
    source.calm();
    const auto before = Clock::now();
    auto resumed = site.start({"resume"});
    need(source.asked(30s), "the gate is not read again: " + resumed.output());
    times.first_action.push_back(ms_between(before, Clock::now()));
    resumed.signal(SIGINT);
    const auto end = resumed.wait(30s);
    need(end && end->code == 130, "it does not end as it should: " + resumed.output());
    const auto bare = Clock::now();
    need(site.shunt({"version"}).code == 0, "shunt does not start");
    times.start.push_back(ms_between(bare, Clock::now()));
  }
};

}  // namespace

int main() {
  try {
    Bench bench;
    bench.begin();
    for (int i = 0; i < repetitions; ++i) bench.once();
    const auto& times = bench.times;
    fmt::print("{} deployments killed while they were watched; all in ms\n", repetitions);
    fmt::print("from `shunt resume` to the first reading of the gate: {}\n", shown(times.first_action));
    fmt::print("a start of shunt alone:                               {}\n", shown(times.start));
    at_most("worst_restart_to_first_action_of_2_s", worst(times.first_action) / most_ms, 1.0);
    note("median_of_it_to_a_bare_start", median(times.first_action) / median(times.start));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_resume: {}\n", error.what());
    return 2;
  }
}
