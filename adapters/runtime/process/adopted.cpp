#include "adapters/runtime/process/adopted.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "adapters/runtime/process/labels.hpp"
#include "loop/sleep.hpp"
#include "supervise/record.hpp"

namespace shunt::adapters::process {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Milliseconds kill_margin{5'000};

std::string file_of(const supervise::Paths& paths) {
  return paths.folder + "/adopted";
}

supervise::Record record_of(const Adopted& adopted) {
  supervise::Record record = {{"id", adopted.id},
                              {"pid", std::to_string(adopted.process.pid)},
                              {"start", std::to_string(adopted.process.start_time)},
                              {"boot", adopted.boot},
                              {"started", std::to_string(adopted.started_ms)},
                              {"stop", adopted.may_stop ? "1" : "0"},
                              {"signal", std::to_string(adopted.stop_signal)}};
  for (const auto& label : adopted.labels) record.emplace_back("label", label);
  return record;
}

std::vector<supervise::Identity> living_tree(const Adopted& adopted) {
  std::vector<supervise::Identity> tree;
  for (const auto pid : supervise::tree_of(adopted.process.pid))
    if (const auto entry = supervise::entry_of(pid); entry && entry->state != 'Z') tree.push_back(entry->identity);
  return tree;
}

Error survives(const Adopted& adopted, pid_t pid) {
  return Error(
      "SH1403", Kind::adapter,
      fmt::format("{} is still there {} after its grace was over (process {})", adopted.id, to_text(kill_margin), pid),
      "look what holds it, end it, and try again");
}

Error refused(const Adopted& adopted, pid_t pid) {
  const std::string reason = std::strerror(errno);
  return Error("SH1403", Kind::adapter,
               fmt::format("cannot stop {}: process {} may not be signalled: {}", adopted.id, pid, reason),
               "run shunt as a user that may end it, or end it yourself");
}

}  // namespace

bool Adopted::lives() const {
  return boot == supervise::boot_id() && supervise::is_alive(process);
}

std::optional<Adopted> read_adopted(const supervise::Paths& paths) {
  const auto bytes = supervise::read_file(file_of(paths));
  const auto record = bytes ? supervise::decode(*bytes) : std::nullopt;
  if (!record) return std::nullopt;
  Adopted adopted;
  adopted.id = supervise::value_of(*record, "id");
  adopted.labels = supervise::values_of(*record, "label");
  adopted.process.pid = static_cast<pid_t>(supervise::number_of(*record, "pid"));
  adopted.process.start_time = static_cast<std::uint64_t>(supervise::number_of(*record, "start"));
  adopted.boot = supervise::value_of(*record, "boot");
  adopted.started_ms = supervise::number_of(*record, "started");
  adopted.may_stop = supervise::number_of(*record, "stop") == 1;
  adopted.stop_signal = static_cast<int>(supervise::number_of(*record, "signal", SIGTERM));
  return adopted;
}

Result<void> write_adopted(const supervise::Paths& paths, const Adopted& adopted) {
  std::error_code failed;
  std::filesystem::create_directories(paths.folder, failed);
  ::chmod(paths.folder.c_str(), 0700);
  if (!failed && supervise::replace_file(file_of(paths), record_of(adopted))) return {};
  const std::string reason = failed ? failed.message() : std::strerror(errno);
  return Error("SH1404", Kind::adapter, fmt::format("cannot write {}: {}", file_of(paths), reason),
               "make it writable for the user that runs shunt");
}

void forget_adopted(const supervise::Paths& paths) {
  ::unlink(file_of(paths).c_str());
}

InstanceState describe(const Adopted& adopted) {
  InstanceState state;
  state.id = adopted.id;
  read_labels(adopted.labels, state);
  state.adopted = true;
  state.may_stop = adopted.may_stop;
  state.started = adopted.started_ms;
  state.state = adopted.lives() ? "running" : "exited";
  if (adopted.lives()) state.pid = adopted.process.pid;
  return state;
}

Task<Result<void>> stop_adopted(Adopted adopted, Milliseconds grace) {
  const auto kill = Clock::now() + grace;
  auto left = living_tree(adopted);
  if (!adopted.lives()) co_return Result<void>();
  bool killed = false;
  // The program itself is asked; what it leaves behind is killed with it.
  if (!supervise::send_signal(adopted.process, adopted.stop_signal) && errno != ESRCH) {
    auto error = refused(adopted, adopted.process.pid);
    co_return error;
  }
  while (true) {
    std::erase_if(left, [](const supervise::Identity& one) { return !supervise::is_alive(one); });
    if (left.empty()) co_return Result<void>();
    const bool is_over = Clock::now() >= kill;
    if (is_over && Clock::now() >= kill + kill_margin) {
      auto error = survives(adopted, left.front().pid);
      co_return error;
    }
    if (is_over && !killed) {
      for (const auto& one : left) supervise::send_signal(one, SIGKILL);
      killed = true;
    }
    co_await loop::sleep(Milliseconds(5));
  }
}

}  // namespace shunt::adapters::process
