// The verbs `approve`, `reject` and `abort`: a word to a running deployment.
#include <fmt/format.h>
#include <algorithm>
#include <thread>

#include "deploy/claim.hpp"
#include "deploy/load.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

constexpr auto patience = std::chrono::seconds(5);

bool is_open(const store::Run& run) {
  return run.state == "running" || run.state == "waiting" || run.state == "rolling_back";
}

bool asks(const store::Run& run, const std::string& question) {
  const auto questions = run.report.is_object() ? run.report.value("questions", Value::array()) : Value::array();
  return std::find(questions.begin(), questions.end(), Value(question)) != questions.end();
}

// The newest run that is still open and that `which` means: by its id, or by a question that it asks.
Result<std::optional<store::Run>> open_run(store::Store& store, const std::string& which, std::string& question) {
  const auto runs = store.runs(50);
  if (!runs) return runs.error();
  for (const auto& run : *runs) {
    if (!is_open(run)) continue;
    if (which.empty() || run.id == which) return std::optional(run);
    if (!asks(run, which)) continue;
    question = which;
    return std::optional(run);
  }
  return std::optional<store::Run>();
}

bool was_taken(store::Store& store, const std::string& run, std::int64_t id) {
  const auto messages = store.inbox(run);
  if (!messages) return false;
  for (const auto& message : *messages)
    if (message.id == id) return message.taken;
  return false;
}

// A holder that lives may only be slow, or stopped; its word is not taken for it.
Error nobody_answers(const std::string& run, const std::optional<store::Holder>& holder) {
  if (!holder)
    return {"SH1919", Kind::adapter, fmt::format("recorded, but nobody runs {}", run),
            fmt::format("run `shunt resume {}`", run)};
  return {"SH1919", Kind::adapter,
          fmt::format("recorded, but the program that runs {} (pid {}) has not taken it within {} seconds", run,
                      holder->pid, patience.count()),
          fmt::format("look whether that program is stopped; once it goes on it takes this up. If it has ended: `shunt "
                      "resume {}`",
                      run)};
}

}  // namespace

Ending Engine::answer(const std::filesystem::path& app_file, const std::string& verb, const std::string& which,
                      const std::string& reason) {
  auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  const auto folder = state_folder(settings_, app->name);
  auto store = store::open(folder, store::Mode::read);
  if (!store) return Ending(5, "nothing was ever deployed here");
  std::string question;
  const auto run = open_run(**store, which, question);
  if (!run) return Ending(3, run.error());
  if (!*run)
    return Ending(5, which.empty() ? "no deployment is running"
                                   : fmt::format("no running deployment is called '{}', or asks that", which));
  if (verb != "abort" && (*run)->state != "waiting")
    return Ending(5, fmt::format("{} is not waiting for an answer", (*run)->id));
  store = store::open(folder, store::Mode::write);
  if (!store) return Ending(3, store.error());
  store::Message message;
  message.run = (*run)->id;
  message.verb = verb;
  message.question = verb == "abort" ? "" : question;
  message.by = settings_.by;
  message.reason = reason;
  message.time = wall_clock_ms();
  const auto id = (*store)->post(message);
  if (!id) return Ending(3, id.error());
  const auto lock_file = store::app_lock_file(folder);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (was_taken(**store, message.run, *id)) {
      Ending done(0, fmt::format("{}: {} was told", verb, message.run));
      done.run = message.run;
      return done;
    }
    if (!store::Lock::holder(lock_file)) break;
    std::this_thread::sleep_for(Milliseconds(50));
  }
  const auto now = (*store)->run(message.run);
  if (now && *now && (*now)->ended != 0) return Ending(5, fmt::format("{} ended before it was told", message.run));
  return Ending(3, nobody_answers(message.run, store::Lock::holder(lock_file)));
}

}  // namespace shunt
