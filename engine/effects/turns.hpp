// Whose turn it is: the deterministic half of a run, where scripts and composite steps live.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "effects/position.hpp"
#include "shunt/call.hpp"
#include "shunt/task.hpp"

namespace shunt::effects {

/// Scripts and steps run here in first-in order until all of them wait; then one outcome that the world has ready is
/// delivered, and they run again. So everything they do follows from the order of deliveries alone, which is what the
/// journal records. Loop thread only.
class Turns {
 public:
  /// `world` is where outcomes come from; `clock` stamps deliveries (unix ms).
  Turns(asio::any_io_executor world, std::function<std::int64_t()> clock);
  ~Turns();
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// Where deterministic coroutines are spawned.
  asio::any_io_executor executor() { return deck_.get_executor(); }

  /// Starts `work` in the world on behalf of that Call and comes back with its outcome when that is delivered. Must be
  /// awaited on `executor()`. A cancelled work's outcome is a control error SH1902 unless it finished all the same.
  Task<Outcome> await(Position at, Task<Outcome> work);

  /// Cancels what `branch` and everything below it waits for; what they ask for later is refused.
  void cancel(const std::string& branch, Error reason);

  /// The reason with which `branch` was cancelled, or nullptr.
  const Error* cancelled(const std::string& branch) const;

  /// Time of the last delivery, unix ms.
  std::int64_t now() const { return now_; }

  /// The same without the time in which no engine watched: between a crash and its resume, and while it stood still.
  /// Only differences mean anything.
  std::int64_t watched() const { return now_ - unwatched_; }

  /// How often a crash has been resumed from.
  int lives() const { return lives_; }

  // Replay. While `feed` has something to give, work is held instead of started, and outcomes come from `feed`.

  /// Called when everything waits: delivers (or cancels, or resumes) the next thing that the journal tells and returns
  /// true; false when there is nothing left, and from then on the world answers. `began`: when the run did.
  void replay(std::function<bool()> feed, std::int64_t began) {
    feed_ = std::move(feed);
    now_ = began;
  }
  bool replays() const { return bool(feed_); }

  /// Gives that Call's outcome at that time. False when nobody waits for it.
  bool deliver(const Position& at, Outcome outcome, std::int64_t time);

  /// The time at which something happened that is no delivery.
  void pass_time(std::int64_t time) { now_ = std::max(now_, time); }

  /// A crash was resumed from at that time; what lies between is unwatched.
  void begin_life(std::int64_t time);

  /// The engine stood still for `ms`, up to `time`: that much is unwatched.
  void stand_still(std::int64_t time, std::int64_t ms);

  /// Called while everything waits, before the next outcome, when the engine has stood still (it was stopped, the
  /// machine slept, the clock jumped): for how long, by the time since the last beat.
  void when_stood_still(std::function<void(std::int64_t ms)> tell) { stood_still_ = std::move(tell); }

  /// The loop turns. Called several times a second; without beats nothing is known of standstills.
  void beat();

  /// Starts what replay held, once that is over; what was cancelled meanwhile ends without having been started.
  void release();

  /// Called when everything waits and nothing is ready, before the loop blocks.
  void before_waiting(std::function<void()> action) { before_waiting_ = std::move(action); }

  /// Runs what is ready; called by whoever spawned something on `executor()`, and by deliveries.
  void run();

  /// Type-erased continuation of a coroutine that waits for an outcome.
  class Resume {
   public:
    virtual ~Resume() = default;
    virtual void with(Outcome outcome) = 0;
  };

 private:
  struct Pending {
    Position at;
    std::optional<Task<Outcome>> held;
    asio::cancellation_signal signal;
    std::unique_ptr<Resume> resume;
    Outcome outcome;
  };

  void begin(Position at, Task<Outcome> work, std::unique_ptr<Resume> resume);
  void start(const std::shared_ptr<Pending>& pending, Task<Outcome> work);
  void arrived(const std::shared_ptr<Pending>& pending, Outcome outcome);
  void notice_standstill();

  asio::any_io_executor world_;
  std::function<std::int64_t()> clock_;
  std::function<void()> before_waiting_;
  std::function<bool()> feed_;
  std::function<void(std::int64_t)> stood_still_;
  asio::io_context deck_{1};
  std::list<std::shared_ptr<Pending>> pending_;
  std::deque<std::shared_ptr<Pending>> ready_;
  std::vector<std::pair<std::string, Error>> cancelled_;
  std::int64_t now_;
  std::int64_t unwatched_ = 0;
  std::int64_t last_beat_ = 0;  ///< 0: none yet
  int lives_ = 0;
  bool running_ = false;
  bool scheduled_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// One of several pieces of work at the same time, with the branch it performs in.
struct Piece {
  std::string branch;
  Task<Outcome> work;

  Piece(std::string branch, Task<Outcome> work) : branch(std::move(branch)), work(std::move(work)) {}
};

/// Runs all pieces at the same time and joins them. The first that fails cancels the others; the outcomes come in the
/// order of the pieces.
Task<std::vector<Outcome>> together(Turns& turns, std::vector<Piece> pieces);

/// The failure that ended pieces which ran together, rather than one of a piece that was cancelled because of it;
/// success where all succeeded.
Outcome first_failure(std::vector<Outcome> outcomes);

}  // namespace shunt::effects
