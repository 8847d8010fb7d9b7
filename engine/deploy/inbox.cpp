#include "deploy/inbox.hpp"

#include "shunt/duration.hpp"

namespace shunt::deploy {

namespace {

constexpr Milliseconds period{200};

}  // namespace

Inbox::Inbox(store::Store& store, std::string run, effects::Journal& journal, effects::Effects& effects,
             Aborted aborted, Waiting waiting)
    : store_(store),
      run_(std::move(run)),
      journal_(journal),
      effects_(effects),
      aborted_(std::move(aborted)),
      waiting_(std::move(waiting)) {}

Task<void> Inbox::pause() {
  Call sleep("clock.sleep", {{"duration_ms", period.count()}});
  co_await effects_.perform(std::move(sleep));
}

bool Inbox::take_abort() {
  const auto messages = store_.inbox(run_);
  if (!messages || aborted_already_) return false;
  for (const auto& message : *messages) {
    if (message.taken || message.verb != "abort") continue;
    aborted_already_ = true;
    journal_.operator_said(message);
    aborted_(message);
    return true;
  }
  return false;
}

Task<void> Inbox::watch() {
  for (;; co_await pause()) take_abort();
}

// An answer that was recorded before the deadline counts, whenever it is read. One that was taken by a process which
// died before it could act on it was given after the question.
bool Inbox::take_answer(const std::string& question, std::int64_t asked, std::int64_t deadline, Value& answer) {
  const auto messages = store_.inbox(run_);
  if (!messages) return false;
  for (const auto& message : *messages) {
    if ((message.verb != "approve" && message.verb != "reject") || message.time > deadline) continue;
    if (!message.question.empty() && message.question != question) continue;
    if (message.taken && (message.time < asked || message.question.empty())) continue;
    if (!message.taken) journal_.operator_said(message);
    answer = {{"answer", message.verb}, {"by", message.by}, {"reason", message.reason}};
    return true;
  }
  return false;
}

// A question counts as open until it is answered, too late, or cancelled.
class Inbox::Open {
 public:
  Open(Inbox& inbox, const std::string& question, std::int64_t deadline) : inbox_(inbox), alive_(inbox.alive_) {
    if (inbox_.open_++ == 0) inbox_.waiting_since_ = inbox_.effects_.now();
    inbox_.waiting_(true, question, deadline);
  }
  ~Open() {
    if (!*alive_) return;
    --inbox_.open_;
    inbox_.waiting_(inbox_.open_ > 0, "", 0);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

 private:
  Inbox& inbox_;
  std::shared_ptr<bool> alive_;
};

Task<Outcome> Inbox::wait(Value args) {
  const std::string question = args.value("question", "");
  const auto asked = args.value("asked", effects_.now());
  const auto deadline = asked + args.value("timeout_ms", std::int64_t{600'000});
  const Open open(*this, question, deadline);
  Value answer = {{"answer", ""}};
  while (!take_answer(question, asked, deadline, answer) && effects_.now() < deadline) co_await pause();
  Outcome outcome(std::move(answer));
  co_return std::move(outcome);
}

std::int64_t Inbox::waiting_ms() const {
  return open_ > 0 ? effects_.now() - waiting_since_ : 0;
}

}  // namespace shunt::deploy
