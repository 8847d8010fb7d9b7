// How long a breach lasts: from the first instant at which a gate's query would return it to 100 % on the old version.
// At most one interval of the gate may pass before it is read; the rest is the engine's own, told beside what the same
// two settings of weights take by hand.
#include <fmt/format.h>
#include <exception>
#include <random>

#include "bench/bare.hpp"
#include "bench/numbers.hpp"
#include "bench/watched_site.hpp"

using namespace shunt;
using namespace shunt::bench;
using namespace std::chrono_literals;

namespace {

constexpr int repetitions = 15;
constexpr auto interval = gate_interval;
constexpr double most_beside_the_interval_ms = 50;
constexpr double most_of_our_own_ms = 10;

struct Times {
  std::vector<double> breach;  ///< from the flip to 100 % on the old version
  std::vector<double> ours;    ///< from the delivered answer to it
  std::vector<double> bare;    ///< the same weights by hand
  std::vector<double> synced;  ///< one page on the same disk
};

// The site with no provider's url yet is of no use, so the source comes first.
struct Bench {
  NumberSource source;
  e2e::Site site{watched_by(source)};
  std::mt19937 random{1};
  Times times;

  void begin() {
    const auto first = site.shunt({"deploy", "v1", "--set", "soak=0s"});
    need(first.code == 0, first.text());
  }

  // Anywhere between two readings, as breaches do.
  Clock::time_point next_flip() {
    const auto most = std::chrono::duration_cast<std::chrono::microseconds>(interval).count();
    return Clock::now() + std::chrono::microseconds(std::uniform_int_distribution<long>(0, most)(random));
  }

  bool old_alone() const {
    auto weights = weights_of(*site.proxy);
    return weights["green"] == 0 && weights["blue"] > 0;
  }

  void once() {
    source.calm();
    auto deployment = site.start({"deploy", "v2"});
    need(source.asked(30s), "the gate is not read: " + deployment.output());
    const auto flip = next_flip();
    source.flip(flip);
    const auto told = source.told(30s);
    need(told.has_value(), "the breach is not read: " + deployment.output());
    need(harness::eventually(
             10s, [&] { return old_alone(); }, 1ms),
         "nothing goes back: " + deployment.output());
    const auto back = Clock::now();
    const auto end = deployment.wait(30s);
    need(end && end->code == 1, "it does not end as a rollback: " + deployment.output());
    times.breach.push_back(ms_between(flip, back));
    times.ours.push_back(ms_between(*told, back));
    times.bare.push_back(switch_by_hand(*site.proxy, "blue", "green"));
    times.synced.push_back(write_and_sync(site.folder / "page"));
  }
};

void report(const Times& times) {
  const double most = static_cast<double>(interval.count());
  fmt::print("{} breaches behind HAProxy, failures = 1, interval = {} ms; all in ms\n", repetitions, interval.count());
  fmt::print("from the breach to 100 % on the old version:  {}\n", shown(times.breach));
  fmt::print("of it ours, from the delivered answer on:     {}\n", shown(times.ours));
  fmt::print("the same weights by the bare socket:          {}\n", shown(times.bare));
  fmt::print("a page written and synced, as before effects: {}\n", shown(times.synced));
  at_most("worst_breach_beside_the_interval_ms", worst(times.breach) - most, most_beside_the_interval_ms);
  at_most("median_of_our_own_ms", median(times.ours), most_of_our_own_ms);
  note("median_of_our_own_to_bare_socket", median(times.ours) / median(times.bare));
}

}  // namespace

int main() {
  try {
    Bench bench;
    bench.begin();
    for (int i = 0; i < repetitions; ++i) bench.once();
    report(bench.times);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_gate: {}\n", error.what());
    return 2;
  }
}
