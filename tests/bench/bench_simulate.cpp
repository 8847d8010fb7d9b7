// How many simulated deployments a second and core, and how long every single death of the engine takes to try.
#include <fmt/format.h>
#include <chrono>
#include <filesystem>

#include "lua/runtime.hpp"
#include "simulate/campaign.hpp"
#include "simulate/subject.hpp"
#include "strategies/bundled.hpp"

using namespace shunt;
using namespace shunt::simulate;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds long_enough{3};
constexpr int replay_one_in = 10;  ///< as bulk mode does

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

std::unique_ptr<ScriptRuntime> runtime() {
  std::vector<Source> bundled;
  for (const auto& strategy : bundled_strategies())
    bundled.emplace_back(std::filesystem::path(strategy.name).stem().string(), strategy.text);
  return lua::make_runtime(std::move(bundled));
}

Subject gradual(ScriptRuntime& scripts) {
  const Value options = {{"steps", {100}}, {"soak", "1s"}};
  Setting setting;
  setting.covers = false;
  return *make_subject(std::nullopt, "gradual", options, setting, scripts);
}

}  // namespace

int main() {
  const auto scripts = runtime();
  const auto subject = gradual(*scripts);
  int runs = 0;
  std::int64_t calls = 0;
  const auto began = Clock::now();
  while (Clock::now() - began < long_enough) {
    Detail detail;
    detail.replays = ++runs % replay_one_in == 0;
    Trial trial(subject, {}, static_cast<std::uint64_t>(runs), detail);
    const auto report = trial.run();
    if (report.ending.state != "succeeded" || !report.violations.empty()) return 1;
    calls += report.calls;
  }
  const auto took = seconds_since(began);
  fmt::print(
      "{} deployments with gradual in {:.1f} s on one core, {} Calls each, every property after every step, one in {} "
      "replayed\n",
      runs, took, calls / runs, replay_one_in);
  fmt::print("note calls-each {}\n", calls / runs);
  fmt::print("least gradual-deployments-per-second-and-core {:.0f} 2000\n", runs / took);

  for (const char* strategy : {"blue_green", "gradual", "recreate"}) {
    std::vector<std::unique_ptr<ScriptRuntime>> runtimes;
    Orders orders;
    orders.crashes = true;
    const auto from = Clock::now();
    const auto outcomes = run_campaign(
        [&] {
          runtimes.push_back(runtime());
          return *make_subject(std::nullopt, strategy, {{"soak", "1s"}}, Setting(), *runtimes.back());
        },
        orders);
    if (!outcomes.findings.empty()) return 1;
    fmt::print("{}: {} single deaths of the engine\n", strategy, outcomes.runs);
    fmt::print("ratio every-death-of-{}-seconds {:.2f} 1\n", strategy, seconds_since(from));
  }
}
