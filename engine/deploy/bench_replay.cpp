// What going through the journal of an interrupted run costs: 10,000 steps, each with its undo, intent and result, read
// from a store, checked, and replayed above a world that is never asked. Baseline: reading the same rows, and nothing
// else.
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <chrono>
#include <filesystem>
#include <vector>

#include "deploy/run.hpp"
#include "deploy/world.hpp"
#include "effects/nowhere.hpp"
#include "loop/sleep.hpp"
#include "store/null_store.hpp"
#include "store/run_id.hpp"

using namespace shunt;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int steps = 10'000;
constexpr int rounds = 9;
constexpr double most_ms = 100;

class AtOnce : public effects::Effects {
 public:
  Task<Outcome> perform(Call call) override {
    const Milliseconds pause(call.args.value("duration_ms", std::int64_t{0}));
    if (pause.count() > 0) co_await loop::sleep(pause);
    Value instance = {{"id", "web-green-0"}, {"address", "127.0.0.1:3001"}, {"state", "running"}};
    Outcome done(std::move(instance));
    co_return std::move(done);
  }
  std::int64_t now() override { return wall_clock_ms(); }
};

class Silent : public Reporter {
 public:
  void report(const Event&) override {}
};

Task<Outcome> many_steps(effects::Scope scope) {
  Outcome outcome;
  for (int i = 0; i < steps && outcome.ok(); ++i) {
    Value args = {{"service", "web"}, {"color", "green"}, {"index", i}};
    Call start("instances.start", std::move(args));
    outcome = co_await scope.perform(std::move(start));
  }
  co_return std::move(outcome);
}

deploy::RunParts parts_for(deploy::World& world, effects::Effects& effects, store::Store& store, Reporter& reporter,
                           const store::Run& row, bool only_replays) {
  Deployment deployment;
  deployment.id = row.id;
  deployment.next.services.emplace_back().name = "web";
  auto& loop = world.loop();
  return {effects,
          loop.get_executor(),
          [&loop] { return loop.run_one() > 0; },
          world.context().secrets,
          store,
          reporter,
          std::move(deployment),
          row,
          store::AppState(),
          Value::object(),
          "",
          only_replays};
}

store::Run record(deploy::World& world, store::Store& store) {
  store::Run row;
  row.id = store::new_run_id(wall_clock_ms());
  row.state = "running";
  row.started = wall_clock_ms();
  row.report = Value::object();
  if (auto epoch = store.take_epoch(); !epoch) throw std::runtime_error(to_line(epoch.error()));
  AtOnce below;
  Silent reporter;
  deploy::Run run(parts_for(world, below, store, reporter, row, false));
  static_cast<void>(run.begin(std::nullopt));
  run.execute(many_steps);
  return row;
}

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void measure(const std::filesystem::path& folder) {
  deploy::World world(folder, folder);
  auto store = store::open(folder / "store", store::Mode::write);
  if (!store) throw std::runtime_error(to_line(store.error()));
  const auto row = record(world, **store);
  std::vector<double> reading;
  std::vector<double> checking;
  std::vector<double> replaying;
  std::size_t count = 0;
  for (int round = 0; round < rounds; ++round) {
    auto start = Clock::now();
    auto entries = (*store)->entries(row.id);
    reading.push_back(ms_since(start));
    start = Clock::now();
    const auto whole = (*store)->verify(row.id);
    checking.push_back(ms_since(start));
    if (!entries || !whole) throw std::runtime_error("the journal cannot be read");
    count = entries->size();
    effects::Nowhere nowhere;
    store::NullStore nothing;
    Silent reporter;
    start = Clock::now();
    deploy::Run again(parts_for(world, nowhere, nothing, reporter, row, true));
    const auto ending = again.resume(std::move(*entries), many_steps);
    replaying.push_back(ms_since(start));
    if (ending.error && ending.error->code == "SH1941") throw std::runtime_error(to_line(*ending.error));
  }
  fmt::print("{} steps, {} entries: read {:.1f} ms, checked {:.1f} ms, replayed {:.1f} ms (medians of {})\n", steps,
             count, median(reading), median(checking), median(replaying), rounds);
  fmt::print("ratio replay_of_10000_steps_ms {:.1f} {:g}\n", median(replaying), most_ms);
  fmt::print("note replay_to_reading_the_rows {:.2f}\n", median(replaying) / median(reading));
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder = argc > 1 ? argv[1] : (std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp");
  folder += "/bench_replay.XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  int result = 0;
  try {
    measure(folder);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_replay: {}\n", error.what());
    result = 2;
  }
  std::filesystem::remove_all(folder);
  return result;
}
