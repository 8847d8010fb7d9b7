#include "deploy/live_run.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include "deploy/compose.hpp"
#include "loop/signals.hpp"
#include "loop/sleep.hpp"

namespace shunt::deploy {

namespace {

constexpr Milliseconds beat_pause{200};
constexpr Milliseconds pause_between_rounds{500};
constexpr Milliseconds one_round{60'000};
constexpr Milliseconds shadow_limit{20'000};
constexpr Milliseconds last_round{5'000};  ///< the most that a run waits for its channels once it is over

// What a program that should end with 0 says when it does not.
Task<std::string> failure_of(process::Spawner& processes, process::Command command) {
  auto finished = co_await processes.run(std::move(command));
  std::string text;
  if (!finished) text = finished.error().message;
  if (finished && finished->code != 0) text = finished->out + finished->err;
  if (finished && finished->code != 0 && text.empty()) text = fmt::format("it ended with {}", finished->code);
  co_return std::move(text);
}

}  // namespace

LiveRun::LiveRun(LiveParts parts)
    : parts_(std::move(parts)),
      fleet_(parts_.deployment, parts_.world.context(), parts_.registry),
      live_(fleet_, effects::Stamp{parts_.row.id, parts_.row.epoch}),
      run_(run_parts()),
      courier_(parts_.world.context(), parts_.registry, parts_.store) {
  parts_.world.begin(parts_.row.id);
  live_.watcher([this](const Event& event) {
    Event told = event;
    told.deployment = parts_.row.id;
    told.time = wall_clock_ms();
    parts_.reporter.report(told);
  });
  live_.approvals([this](Value args) { return run_.ask(std::move(args)); });
  if (parts_.typist == nullptr) return;
  lines_.emplace(*parts_.typist);
  live_.lines([this](Value last) { return lines_->next(std::move(last)); });
}

Value LiveRun::targets() {
  Value found = Value::object();
  for (const auto& service : parts_.deployment.service_names())
    if (auto proxy = fleet_.proxy(service); proxy) found[service] = (*proxy)->target();
  return found;
}

RunParts LiveRun::run_parts() {
  auto& loop = parts_.world.loop();
  return {live_,
          loop.get_executor(),
          [&loop] { return loop.run_one() > 0; },
          parts_.world.context().secrets,
          parts_.store,
          parts_.reporter,
          parts_.deployment,
          parts_.row,
          parts_.state,
          targets(),
          boot_id()};
}

Result<void> LiveRun::begin(const std::optional<store::Release>& release) {
  leave_out_channels_that_are_off();
  return run_.begin(release);
}

Ending LiveRun::execute(Body body) {
  return drive([&] { return run_.execute(std::move(body)); });
}

Ending LiveRun::resume(std::vector<store::Entry> entries, Body body) {
  return drive([&] { return run_.resume(std::move(entries), std::move(body)); });
}

Ending LiveRun::roll_back_from(const std::vector<store::Entry>& entries, const Error& why) {
  return drive([&] { return run_.roll_back_from(entries, why); });
}

Ending LiveRun::drive(const std::function<Ending()>& work) {
  auto& loop = parts_.world.loop();
  const loop::Signals signals(loop.get_executor(), [this](int signal) { interrupted(signal); });
  run_.beside([this] { return beat(); });
  if (!run_.deployment().channels.empty()) run_.beside([this] { return send_notices(); });
  loop.restart();
  auto ending = work();
  send_what_is_left();
  if (!ending.state.empty()) replay_in_the_shadow();
  return ending;
}

void LiveRun::leave_out_channels_that_are_off() {
  auto& channels = run_.deployment().channels;
  for (const auto& off : courier_.off_among(channels)) {
    std::erase_if(channels, [&](const Channel& one) { return one.type == off.type && one.config == off.config; });
    const auto message = fmt::format(
        "the {} channel wants no more notifications and is told nothing; change its table in the app file to turn it "
        "on",
        off.type);
    machinery().journal.announce(Event("warning", {{"message", message}, {"code", "SH2002"}}));
  }
}

Task<void> LiveRun::beat() {
  for (;;) {
    machinery().turns.beat();
    co_await loop::sleep(beat_pause);
  }
}

// A failure is only told: nothing that is deployed depends on who hears of it.
Task<void> LiveRun::send_notices() {
  for (;;) {
    co_await loop::sleep(pause_between_rounds);
    if (courier_.has_mail()) co_await courier_.deliver(one_round);
  }
}

void LiveRun::send_what_is_left() {
  auto& journal = machinery().journal;
  if (journal.halted() || !courier_.has_mail()) return;
  for (const auto& failure : parts_.world.run(courier_.deliver(last_round))) {
    const auto message = failure + "; `shunt cleanup --due` tries again";
    journal.announce(Event("warning", {{"message", message}, {"code", "SH2001"}}));
  }
  journal.before_waiting();
}

// Another process with another hash seed goes through the journal: what a script may depend on and a replay would not
// give it again is found now, not when a resume needs it.
void LiveRun::replay_in_the_shadow() {
  const char* wanted = std::getenv("SHUNT_SHADOW_REPLAY");
  if (parts_.settings.program.empty() || (wanted != nullptr && std::string_view(wanted) == "off")) return;
  process::Command command;
  command.argv = parts_.settings.program;
  command.argv.insert(command.argv.end(), {"replay", parts_.row.id});
  command.timeout = shadow_limit;
  command.env = {{"GITHUB_ACTIONS", ""}, {"GITHUB_STEP_SUMMARY", ""}};  // it tells nobody but this run
  const auto difference = parts_.world.run(failure_of(parts_.world.context().processes, std::move(command)));
  run_.remark("shadow_replay", {{"same", difference.empty()}, {"difference", difference}});
  if (difference.empty()) return;
  machinery().journal.announce(
      Event("warning", {{"message",
                         "a replay of this deployment differs from its journal, so a crash could not have been "
                         "resumed; `shunt show` tells where"},
                        {"code", "SH1941"}}));
  machinery().journal.before_waiting();
}

void LiveRun::interrupted(int signal) {
  if (signal == SIGHUP) return;
  if (signal == SIGINT && ++ctrl_c_ > 1 && parts_.settings.terminal) {
    static constexpr std::string_view bye = "\nleft at once; `shunt resume` goes on from here\n";
    static_cast<void>(::write(STDERR_FILENO, bye.data(), bye.size()));
    ::_exit(130);
  }
  run_.interrupt(Error("SH1911", Kind::cancelled,
                       signal == SIGINT ? "it was interrupted (Ctrl-C)" : "it was told to end (SIGTERM)", ""));
}

}  // namespace shunt::deploy
