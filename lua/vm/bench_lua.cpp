// How long a strategy takes in Lua, without anything below the waist.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "vm/recorder.hpp"

namespace {

using namespace shunt;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 2'000;

constexpr const char* strategy = R"lua(
return {
  api = 1,
  summary = "Six calls.",
  options = { soak = { type = "duration", default = "60s", doc = "how long" } },
  run = function(deploy, options)
    deploy:run_checks()
    local new = deploy:launch()
    new:await_healthy()
    deploy:shift(100)
    deploy:soak(options.soak)
    deploy:retire_old()
  end,
}
)lua";

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

template <typename Work>
void measure(const char* what, Work work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    work();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::printf("%-50s %8.1f us\n", what, median(std::move(times)));
}

}  // namespace

int main() {
  const auto runtime = lua::make_runtime({Source("bench", strategy)});
  const auto first = Clock::now();
  (void)runtime->load_strategy("bench", nullptr, ScriptLimits());
  std::printf("%-50s %8.1f us\n", "first load in the process (compiles lua/lib)",
              std::chrono::duration<double, std::micro>(Clock::now() - first).count());
  measure("fresh state, load", [&] { (void)runtime->load_strategy("bench", nullptr, ScriptLimits()); });
  measure("fresh state, load, run of 6 calls", [&] {
    lua::test::Recorder recorder;
    recorder.answer = [](const Call&) { return Outcome(Value{{"color", "green"}}); };
    auto script = runtime->load_strategy("bench", nullptr, ScriptLimits());
    auto performer = recorder.root();
    const Value deploy = {{"app", "shop"}, {"services", {"web"}}};
    (void)recorder.run((*script)->run(*performer, deploy, *(*script)->options(Value::object())));
  });
  const ReadFile files = [](const std::string&) {
    return std::optional<std::string>("return { app = 'shop', services = { web = { health = { path = '/' } } } }");
  };
  measure("a small app file", [&] { (void)runtime->load_app("shunt.lua", files, nullptr); });
}
