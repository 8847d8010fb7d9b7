#include "deploy/inbox.hpp"

#include "loop/sleep.hpp"
#include "shunt/duration.hpp"

namespace shunt::deploy {

namespace {

constexpr Milliseconds period{200};

}  // namespace

Inbox::Inbox(store::Store& store, std::string run, effects::Journal& journal, Aborted aborted, Waiting waiting)
    : store_(store),
      run_(std::move(run)),
      journal_(journal),
      aborted_(std::move(aborted)),
      waiting_(std::move(waiting)) {}

Task<void> Inbox::watch() {
  bool aborted = false;
  for (;;) {
    co_await loop::sleep(period);
    const auto messages = store_.inbox(run_);
    if (!messages || aborted) continue;
    for (const auto& message : *messages) {
      if (message.taken || message.verb != "abort") continue;
      aborted = true;
      journal_.operator_said(message);
      journal_.before_waiting();
      aborted_(message);
      break;
    }
  }
}

// An answer that was recorded before the deadline counts, whenever it is read.
bool Inbox::take_answer(const std::string& question, std::int64_t deadline, Value& answer) {
  const auto messages = store_.inbox(run_);
  if (!messages) return false;
  for (const auto& message : *messages) {
    if (message.taken || (message.verb != "approve" && message.verb != "reject") || message.time > deadline) continue;
    if (!message.question.empty() && message.question != question) continue;
    journal_.operator_said(message);
    answer = {{"answer", message.verb}, {"by", message.by}, {"reason", message.reason}};
    return true;
  }
  return false;
}

// A question counts as open until it is answered, too late, or cancelled.
class Inbox::Open {
 public:
  Open(Inbox& inbox, const std::string& question, std::int64_t deadline) : inbox_(inbox) {
    if (inbox_.open_++ == 0) inbox_.waiting_since_ = wall_clock_ms();
    inbox_.waiting_(true, question, deadline);
  }
  ~Open() {
    if (--inbox_.open_ == 0) inbox_.waited_ms_ += wall_clock_ms() - inbox_.waiting_since_;
    inbox_.waiting_(inbox_.open_ > 0, "", 0);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

 private:
  Inbox& inbox_;
};

Task<Outcome> Inbox::wait(Value args) {
  const std::string question = args.value("question", "");
  const auto deadline = wall_clock_ms() + args.value("timeout_ms", std::int64_t{600'000});
  const Open open(*this, question, deadline);
  Value answer = {{"answer", ""}};
  while (!take_answer(question, deadline, answer) && wall_clock_ms() < deadline) co_await loop::sleep(period);
  Outcome outcome(std::move(answer));
  co_return std::move(outcome);
}

std::int64_t Inbox::waited_ms() const {
  return waited_ms_ + (open_ > 0 ? wall_clock_ms() - waiting_since_ : 0);
}

}  // namespace shunt::deploy
