#include "deploy/claim.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <thread>

namespace shunt::deploy {

namespace {

Error held(const std::string& what, const Error& taken) {
  const auto& who = taken.evidence;
  Error error(
      "SH1806", Kind::adapter,
      fmt::format("{} is in use by {} (pid {}, `shunt {}`, since {}{})", what, who.value("by", "somebody"),
                  who.value("pid", 0), who.value("verb", "?"), to_timestamp(who.value("since", std::int64_t{0})),
                  who.value("step", "").empty() ? "" : ", at " + who.value("step", "")),
      "wait until it has ended (`shunt status`), or end it with `shunt abort`");
  error.evidence = who;
  return error;
}

// Nothing is done on the ground of a record that is not what was written.
Result<void> verify_latest(store::Store& store) {
  constexpr int enough = 3;
  const auto runs = store.runs(enough);
  if (!runs) return runs.error();
  for (const auto& run : *runs)
    if (auto whole = store.verify(run.id); !whole) return whole;
  return {};
}

bool is_due_work(const Error& taken) {
  return taken.evidence.value("verb", "").find("--due") != std::string::npos;
}

}  // namespace

std::filesystem::path state_folder(const Settings& settings, const std::string& app) {
  return settings.state_root / app;
}

std::vector<std::string> known_apps(const Settings& settings) {
  std::vector<std::string> apps;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(settings.state_root, none))
    if (std::filesystem::exists(entry.path() / "state.db")) apps.push_back(entry.path().filename());
  std::sort(apps.begin(), apps.end());
  return apps;
}

Result<Claim> Claim::take(const Settings& settings, const std::string& app, const std::string& verb,
                          Milliseconds patience) {
  const auto folder = state_folder(settings, app);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    return Error("SH1801", Kind::adapter,
                 fmt::format("cannot create the state folder {}: {}", folder.string(), failed.message()),
                 "name a folder that you may write: --state DIR, or SHUNT_STATE");
  ::chmod(folder.c_str(), 0700);
  store::Holder holder;
  holder.pid = ::getpid();
  holder.by = settings.by;
  holder.verb = verb;
  holder.state = folder;
  holder.since = wall_clock_ms();
  const auto file = store::app_lock_file(folder);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto lock = settings.locks.empty() ? store::Lock::take(file, holder)
                                     : store::Lock::inherit(settings.locks.front(), file, holder);
  while (!lock && lock.error().code == "SH1806" && is_due_work(lock.error()) &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(Milliseconds(100));
    lock = store::Lock::take(file, holder);
  }
  if (!lock) return lock.error().code == "SH1806" ? held(fmt::format("the app '{}'", app), lock.error()) : lock.error();
  auto store = store::open(folder, store::Mode::write);
  if (!store) return store.error();
  if (auto whole = verify_latest(**store); !whole) return whole.error();
  auto epoch = (*store)->take_epoch();
  if (!epoch) return epoch.error();
  Claim claim(std::move(*lock), std::move(*store), *epoch, folder, holder);
  claim.handed_on_ = settings.locks;
  return claim;
}

Result<void> Claim::take_targets(const std::vector<std::string>& targets) {
  for (const auto& target : targets) {
    if (target_names_.count(target) != 0) continue;
    auto lock = take_target(store::target_lock_file(target));
    if (!lock)
      return lock.error().code == "SH1806" ? held(fmt::format("the proxy target {}", target), lock.error())
                                           : lock.error();
    target_names_.insert(target);
    targets_.push_back(std::move(*lock));
  }
  return {};
}

Result<store::Lock> Claim::take_target(const std::filesystem::path& file) {
  for (const auto descriptor : handed_on_)
    if (auto lock = store::Lock::inherit(descriptor, file, holder_)) return lock;
  return store::Lock::take(file, holder_, true);
}

std::vector<int> Claim::locks() const {
  std::vector<int> descriptors = {lock_.descriptor()};
  for (const auto& target : targets_) descriptors.push_back(target.descriptor());
  return descriptors;
}

void Claim::describe(const std::string& run, const std::string& step) {
  holder_.run = run;
  holder_.step = step;
  lock_.describe(holder_);
  if (run == driving_) return;
  driving_ = run;
  auto driver = holder_;
  driver.last.app = folder_.filename();
  driver.last.run = run;
  driver.last.state = folder_;
  for (auto& target : targets_) target.describe(driver);
}

std::vector<store::Driver> Claim::drivers() const {
  std::vector<store::Driver> found;
  for (const auto& target : targets_) found.push_back(target.last());
  return found;
}

}  // namespace shunt::deploy
