// What a commit of one intent costs above its fdatasync, on the file system of the folder given (default: a new one in
// the temporary folder). Both are measured in turn, in the same run: append + commit, and a bare write + fdatasync of
// as many bytes.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "store/run_id.hpp"
#include "store/store.hpp"

using namespace shunt;

namespace {

constexpr int rounds = 1'000;
constexpr int warm_up = 50;

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double percentile(std::vector<double> times, int percent) {
  std::sort(times.begin(), times.end());
  return times.at((times.size() - 1) * static_cast<std::size_t>(percent) / 100);
}

store::Entry intent(const std::string& run, std::int64_t index) {
  store::Entry entry;
  entry.run = run;
  entry.branch = "0";
  entry.index = index;
  entry.kind = "intent";
  entry.verb = "proxy.set";
  entry.args = {{"service", "web"}, {"color", "green"}, {"share", 25'000}, {"target", "unix:/run/haproxy.sock web"}};
  entry.body = {{"undo", {{"verb", "proxy.set"}, {"args", {{"service", "web"}, {"blue", 100'000}, {"green", 0}}}}}};
  entry.time = 1'795'000'000'000 + index;
  return entry;
}

bool prepare(store::Store& store, const std::string& id) {
  store::Run run;
  run.id = id;
  run.state = "running";
  return store.take_epoch() && store.save(run) && store.commit();
}

bool commit_one(store::Store& store, const std::string& id, int round, std::vector<double>& times) {
  auto entry = intent(id, round);
  const auto start = Clock::now();
  const bool done = store.append(entry) && store.commit();
  if (round >= warm_up) times.push_back(ms_since(start));
  return done;
}

bool write_one(int file, const std::string& block, int round, std::vector<double>& times) {
  const auto start = Clock::now();
  const bool done =
      ::write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size()) && ::fdatasync(file) == 0;
  if (round >= warm_up) times.push_back(ms_since(start));
  return done;
}

int measure(const std::filesystem::path& folder) {
  auto store = store::open(folder / "store", store::Mode::write);
  const std::string id = store::new_run_id(1'795'000'000'000);
  if (!store || !prepare(**store, id)) return 1;
  const int file = ::open((folder / "bare").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  constexpr std::size_t page_with_header = 4'096 + 24;  // what SQLite writes for an entry that fits on the last page
  const std::string block(page_with_header, 'x');

  std::vector<double> commits;
  std::vector<double> writes;
  for (int round = 0; round < rounds + warm_up; ++round)
    if (!commit_one(**store, id, round, commits) || !write_one(file, block, round, writes)) return 1;
  ::close(file);

  for (const int percent : {50, 99}) {
    const double commit = percentile(commits, percent);
    const double bare = percentile(writes, percent);
    fmt::print("p{}: commit {:.3f} ms, bare write + fdatasync {:.3f} ms, difference {:.3f} ms\n", percent, commit, bare,
               commit - bare);
    fmt::print("note p{}_to_bare_fdatasync {:.2f}\n", percent, commit / bare);
  }
  const auto log = std::filesystem::file_size(folder / "store" / "state.db-wal");
  fmt::print("log: {} bytes a commit\n", log / static_cast<std::uintmax_t>(rounds + warm_up));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  std::string folder = count > 1 ? arguments[1] : std::filesystem::temp_directory_path().string();
  folder += "/bench_commit.XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const int result = measure(folder);
  std::filesystem::remove_all(folder);
  return result;
}
