#include "effects/turns.hpp"

#include <algorithm>
#include <asio/async_result.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <system_error>

#include "config/planted.hpp"

namespace shunt::effects {

namespace {

/// Several beats, and more than a slow disk takes for a commit.
constexpr std::int64_t shortest_standstill_ms = 1'000;

template <typename Handler>
class ResumeHandler : public Turns::Resume {
 public:
  ResumeHandler(Handler handler, asio::any_io_executor executor)
      : handler_(std::move(handler)), executor_(std::move(executor)) {}

  void with(Outcome outcome) override {
    asio::post(executor_, [handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
      handler(std::move(outcome));
    });
  }

 private:
  Handler handler_;
  asio::any_io_executor executor_;
};

Outcome outcome_of(const std::exception_ptr& failure, Outcome outcome) {
  if (!failure) return outcome;
  try {
    std::rethrow_exception(failure);
  } catch (const std::system_error&) {
    return cancelled_call();
  } catch (const std::exception& reason) {
    return Error("SH1903", Kind::adapter, std::string("an adapter failed unexpectedly: ") + reason.what(),
                 "report this as a bug, with the output of `shunt show`");
  }
}

}  // namespace

Turns::Turns(asio::any_io_executor world, std::function<std::int64_t()> clock)
    : world_(std::move(world)), clock_(std::move(clock)), now_(clock_()) {}

// What still waits goes while there is a deck for it; the work in the world that answers it may end later.
Turns::~Turns() {
  *alive_ = false;
  for (const auto& pending : pending_) pending->resume.reset();
  for (const auto& pending : ready_) pending->resume.reset();
}

Task<Outcome> Turns::await(Position at, Task<Outcome> work) {
  auto initiate = [this](auto handler, Position asked, Task<Outcome> task) {
    using Handler = decltype(handler);
    begin(std::move(asked), std::move(task), std::make_unique<ResumeHandler<Handler>>(std::move(handler), executor()));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Outcome)>(std::move(initiate), asio::use_awaitable,
                                                                             std::move(at), std::move(work));
}

void Turns::begin(Position at, Task<Outcome> work, std::unique_ptr<Resume> resume) {
  auto pending = std::make_shared<Pending>();
  pending->at = std::move(at);
  pending->resume = std::move(resume);
  pending_.push_back(pending);
  if (feed_) {
    pending->held.emplace(std::move(work));
  } else {
    start(pending, std::move(work));
  }
}

void Turns::start(const std::shared_ptr<Pending>& pending, Task<Outcome> work) {
  auto finished = [this, pending, alive = alive_](std::exception_ptr failure, Outcome outcome) {
    if (*alive) arrived(pending, outcome_of(failure, std::move(outcome)));
  };
  asio::co_spawn(world_, std::move(work), asio::bind_cancellation_slot(pending->signal.slot(), std::move(finished)));
}

void Turns::arrived(const std::shared_ptr<Pending>& pending, Outcome outcome) {
  pending->outcome = std::move(outcome);
  // Why it was cancelled says more than that it was.
  const auto* reason = cancelled(pending->at.branch);
  if (reason != nullptr && pending->outcome.error && pending->outcome.error->code == "SH1902")
    pending->outcome = Outcome(*reason);
  pending_.remove(pending);
  ready_.push_back(pending);
  if (scheduled_ || running_) return;
  scheduled_ = true;
  asio::post(world_, [this, alive = alive_] {
    if (!*alive) return;
    scheduled_ = false;
    run();
  });
}

void Turns::run() {
  if (running_) return;
  running_ = true;
  for (;;) {
    deck_.restart();
    deck_.poll();
    if (feed_) {
      if (!feed_()) feed_ = nullptr;
      continue;
    }
    if (ready_.empty()) break;
    notice_standstill();
    const auto next = std::move(ready_.front());
    ready_.pop_front();
    now_ = std::max(now_, clock_());
    next->resume->with(std::move(next->outcome));
  }
  running_ = false;
  if (before_waiting_) before_waiting_();
}

bool Turns::deliver(const Position& at, Outcome outcome, std::int64_t time) {
  const auto waits = [&](const std::shared_ptr<Pending>& one) { return one->at == at; };
  const auto found = std::find_if(pending_.begin(), pending_.end(), waits);
  if (found == pending_.end()) return false;
  const auto pending = *found;
  pending_.erase(found);
  now_ = is_planted("time not replayed") ? clock_() : time;
  pending->held.reset();
  pending->resume->with(std::move(outcome));
  return true;
}

void Turns::begin_life(std::int64_t time) {
  if (!is_planted("unwatched time counts")) unwatched_ += std::max<std::int64_t>(time - now_, 0);
  pass_time(time);
  ++lives_;
}

void Turns::stand_still(std::int64_t time, std::int64_t ms) {
  unwatched_ += ms;
  pass_time(time);
}

void Turns::beat() {
  if (replays()) return;
  notice_standstill();
  last_beat_ = clock_();
}

void Turns::notice_standstill() {
  const auto gap = clock_() - last_beat_;
  if (last_beat_ == 0 || gap < shortest_standstill_ms || !stood_still_) return;
  last_beat_ += gap;
  stood_still_(gap);
}

void Turns::release() {
  if (replays()) return;
  const auto all = pending_;
  for (const auto& pending : all) {
    if (!pending->held) continue;
    auto work = std::move(*pending->held);
    pending->held.reset();
    if (const auto* reason = cancelled(pending->at.branch)) {
      arrived(pending, Outcome(*reason));
    } else {
      start(pending, std::move(work));
    }
  }
}

void Turns::cancel(const std::string& branch, Error reason) {
  reason.control = true;
  cancelled_.emplace_back(branch, std::move(reason));
  const auto all = pending_;
  for (const auto& pending : all)
    if (is_within(pending->at.branch, branch)) pending->signal.emit(asio::cancellation_type::terminal);
}

const Error* Turns::cancelled(const std::string& branch) const {
  for (const auto& [ancestor, reason] : cancelled_)
    if (is_within(branch, ancestor)) return &reason;
  return nullptr;
}

namespace {

// What came of the pieces, for whoever waits for them.
struct Gathered {
  std::vector<Outcome> outcomes;
  std::exception_ptr failure;
};

// What the pieces share while they run. Only they own it: it owns whoever waits for them.
struct Gathering {
  std::shared_ptr<Gathered> results;
  std::vector<std::string> branches;
  std::size_t open = 0;
  bool cancelled = false;
  std::unique_ptr<Turns::Resume> resume;
};

void finish(Turns& turns, Gathering& gathering, std::size_t index, std::exception_ptr failure, Outcome outcome) {
  if (failure && !gathering.results->failure) gathering.results->failure = failure;
  const bool failed = failure || !outcome.ok();
  gathering.results->outcomes[index] = std::move(outcome);
  --gathering.open;
  if (failed && !gathering.cancelled) {
    gathering.cancelled = true;
    for (std::size_t i = 0; i < gathering.branches.size(); ++i)
      if (i != index)
        turns.cancel(gathering.branches[i], Error("SH1902", Kind::cancelled, "something beside it failed first", ""));
  }
  if (gathering.open == 0) gathering.resume->with(Outcome());
}

Task<Outcome> start_all(Turns& turns, std::vector<Piece> pieces, std::shared_ptr<Gathering> gathering) {
  auto initiate = [&turns](auto handler, std::vector<Piece> parts, std::shared_ptr<Gathering> shared) {
    using Handler = decltype(handler);
    shared->resume = std::make_unique<ResumeHandler<Handler>>(std::move(handler), turns.executor());
    for (std::size_t i = 0; i < parts.size(); ++i)
      asio::co_spawn(turns.executor(), std::move(parts[i].work),
                     [&turns, shared, i](std::exception_ptr failure, Outcome outcome) {
                       finish(turns, *shared, i, failure, std::move(outcome));
                     });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Outcome)>(std::move(initiate), asio::use_awaitable,
                                                                             std::move(pieces), std::move(gathering));
}

}  // namespace

Task<std::vector<Outcome>> together(Turns& turns, std::vector<Piece> pieces) {
  auto results = std::make_shared<Gathered>();
  results->outcomes.resize(pieces.size());
  if (pieces.empty()) co_return std::move(results->outcomes);
  auto gathering = std::make_shared<Gathering>();
  gathering->results = results;
  gathering->open = pieces.size();
  for (const auto& piece : pieces) gathering->branches.push_back(piece.branch);
  Outcome joined = co_await start_all(turns, std::move(pieces), std::move(gathering));
  if (results->failure) std::rethrow_exception(results->failure);
  co_return std::move(results->outcomes);
}

Outcome first_failure(std::vector<Outcome> outcomes) {
  for (auto& outcome : outcomes)
    if (!outcome.ok() && outcome.error->code != "SH1902") return std::move(outcome);
  for (auto& outcome : outcomes)
    if (!outcome.ok()) return std::move(outcome);
  return Outcome();
}

}  // namespace shunt::effects
