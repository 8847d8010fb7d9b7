// 20 switches under raw load: none may lose a request. The time of one, from the raise to the confirmed lowering, is
// told beside what the bare runtime socket takes under the same load.
#include <fmt/format.h>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>

#include "bench/bare.hpp"
#include "bench/numbers.hpp"
#include "e2e/site.hpp"

using namespace shunt;
using namespace shunt::bench;
using namespace std::chrono_literals;

namespace {

constexpr int rounds = 10;  ///< a deploy and a rollback each
constexpr int connections = 32;

e2e::SiteOptions kept_warm() {
  e2e::SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  options.drain = "1s";
  return options;
}

// "2026-11-21T04:37:13.123Z": milliseconds of its day.
double ms_of_day(const e2e::Json& event) {
  int hours = 0, minutes = 0;
  double seconds = 0;
  const auto text = event.value("time", "");
  if (text.size() < 24 || std::sscanf(text.c_str() + 11, "%d:%d:%lf", &hours, &minutes, &seconds) != 3)
    throw std::runtime_error("an event without a time: " + event.dump());
  return (hours * 60 + minutes) * 60'000.0 + seconds * 1'000;
}

double took(const e2e::Ended& ended) {
  if (ended.code != 0) throw std::runtime_error(ended.text());
  std::optional<double> raised;
  for (const auto& event : ended.events()) {
    const auto name = event.value("event", "");
    if (!raised && name == "step" && event.value("step", "") == "proxy.set") raised = ms_of_day(event);
    if (raised && name == "traffic") return ms_of_day(event) - *raised;
  }
  throw std::runtime_error("a switch without traffic: " + ended.text());
}

struct Times {
  std::vector<double> ours;
  std::vector<double> bare;
};

Times switch_to_and_fro(e2e::Site& site) {
  Times times;
  for (int i = 0; i < rounds; ++i) {
    times.ours.push_back(took(site.shunt({"--json", "deploy", fmt::format("v{}", i + 2)})));
    // Blue is held, so it is still up: by hand there and back again, as shunt remembers it.
    times.bare.push_back(switch_by_hand(*site.proxy, "blue", "green"));
    times.bare.push_back(switch_by_hand(*site.proxy, "green", "blue"));
    times.ours.push_back(took(site.shunt({"--json", "rollback"})));
  }
  return times;
}

bool report(const Times& times, const harness::LoadResult& load) {
  fmt::print("{} switches of shunt and as many by hand, under wrk -c{}: {}\n", times.ours.size(), connections,
             load.text());
  fmt::print("raise to confirmed lowering, ms: {}\n", shown(times.ours));
  fmt::print("the bare socket commands, ms:    {}\n", shown(times.bare));
  const auto& errors = load.socket_errors;
  at_most("non_2xx", static_cast<double>(load.non_2xx), 0);
  at_most("socket_errors", static_cast<double>(errors.connect + errors.read + errors.write + errors.timeout), 0);
  note("switch_to_bare_socket", median(times.ours) / median(times.bare));
  return load.failed() == 0 && load.requests > 1'000;
}

}  // namespace

int main() {
  try {
    e2e::Site site(kept_warm());
    if (const auto first = site.shunt({"deploy", "v1"}); first.code != 0) throw std::runtime_error(first.text());
    auto load = harness::Load::wrk(site.url(), connections, 300s);
    const auto times = switch_to_and_fro(site);
    return report(times, load.stop()) ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_switch: {}\n", error.what());
    return 2;
  }
}
