// What a step with an effect costs at the waist, above the fdatasyncs that it waits for: guard rails, journal, a store
// on disk, turns, and below them a world that answers at once. On the file system of the folder given (default: a new
// one in the temporary folder).
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <vector>

#include "deploy/machinery.hpp"
#include "deploy/world.hpp"
#include "store/run_id.hpp"

using namespace shunt;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int rounds = 1'000;
constexpr int warm_up = 50;
constexpr double most_median_ms = 0.3;
constexpr double most_p99_ms = 5;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Syncs {
  int count = 0;
  double ms = 0;
};
Syncs syncs;

}  // namespace

// SQLite finds this one before libc's: its own fdatasyncs, counted and timed.
extern "C" int fdatasync(int file) {
  const auto start = Clock::now();
  const auto result = static_cast<int>(::syscall(SYS_fdatasync, file));
  ++syncs.count;
  syncs.ms += ms_since(start);
  return result;
}

namespace {

class AtOnce : public effects::Effects {
 public:
  Task<Outcome> perform(Call) override {
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

struct Measured {
  std::vector<double> above;  ///< ms of each step above its fdatasyncs
  std::vector<double> synced;
  int syncs = 0;
};

// The effect and, with it, what undoes it: what `launch` does for an instance.
Task<void> steps(effects::Scope scope, Measured* measured) {
  for (int round = 0; round < rounds + warm_up; ++round) {
    const auto before = syncs;
    const auto start = Clock::now();
    Value args = {{"service", "web"}, {"color", "green"}, {"index", round}};
    scope.register_undo(effects::Undo(effects::Tier::clean_up, Call("retire", args)));
    Call call("instances.start", std::move(args));
    Outcome outcome = co_await scope.perform(std::move(call));
    if (!outcome.ok()) throw std::runtime_error(to_line(*outcome.error));
    if (round < warm_up) continue;
    const double synced = syncs.ms - before.ms;
    measured->above.push_back(ms_since(start) - synced);
    measured->synced.push_back(synced);
    measured->syncs += syncs.count - before.count;
  }
}

Result<std::unique_ptr<store::Store>> store_for(const std::filesystem::path& folder, const std::string& id) {
  auto store = store::open(folder / "store", store::Mode::write);
  if (!store) return store;
  store::Run run;
  run.id = id;
  run.state = "running";
  if (auto epoch = (*store)->take_epoch(); !epoch) return epoch.error();
  if (auto saved = (*store)->save(run); !saved) return saved.error();
  if (auto durable = (*store)->commit(); !durable) return durable.error();
  return store;
}

Measured measure(const std::filesystem::path& folder) {
  Deployment deployment;
  deployment.id = store::new_run_id(wall_clock_ms());
  deployment.next.services.emplace_back().name = "web";
  auto store = store_for(folder, deployment.id);
  if (!store) throw std::runtime_error(to_line(store.error()));
  deploy::World world(folder, folder);
  AtOnce below;
  Silent reporter;
  deploy::Machinery machinery(deployment, below, world.loop().get_executor(), store->get(), reporter,
                              world.context().secrets);
  Measured measured;
  std::exception_ptr failure;
  bool ended = false;
  asio::co_spawn(machinery.turns.executor(), steps(machinery.waist.root("0"), &measured),
                 [&](std::exception_ptr thrown) {
                   failure = thrown;
                   ended = true;
                 });
  machinery.turns.run();
  while (!ended && world.loop().run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  return measured;
}

double percentile(std::vector<double> times, std::size_t percent) {
  std::sort(times.begin(), times.end());
  return times.at((times.size() - 1) * percent / 100);
}

void report(const Measured& measured) {
  const double median = percentile(measured.above, 50);
  const double p99 = percentile(measured.above, 99);
  const double synced = percentile(measured.synced, 50);
  fmt::print("{} effectful steps: p50 {:.3f} ms and p99 {:.3f} ms above their fdatasyncs (p50 {:.3f} ms)\n", rounds,
             median, p99, synced);
  fmt::print("ratio p50_ms_above_fdatasync {:.3f} {:g}\n", median, most_median_ms);
  fmt::print("ratio p99_ms_above_fdatasync {:.3f} {:g}\n", p99, most_p99_ms);
  fmt::print("ratio fdatasyncs_per_step {:.3f} 1\n", static_cast<double>(measured.syncs) / rounds);
  fmt::print("note step_to_its_fdatasync {:.2f}\n", (median + synced) / synced);
}

}  // namespace

int main(int count, char** arguments) {
  std::string folder = count > 1 ? arguments[1] : std::filesystem::temp_directory_path().string();
  folder += "/bench_step.XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  int result = 0;
  try {
    report(measure(folder));
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_step: {}\n", error.what());
    result = 2;
  }
  std::filesystem::remove_all(folder);
  return result;
}
