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
#include <set>
#include <string>
#include <vector>

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

  /// Starts `work` in the world on behalf of `branch` and comes back with its outcome when that is delivered. Must be
  /// awaited on `executor()`. A cancelled work's outcome is a control error SH1902 unless it finished all the same.
  Task<Outcome> await(std::string branch, Task<Outcome> work);

  /// Cancels what `branch` and everything below it waits for; what they ask for later is refused.
  void cancel(const std::string& branch, Error reason);

  /// The reason with which `branch` was cancelled, or nullptr.
  const Error* cancelled(const std::string& branch) const;

  /// Time of the last delivery, unix ms.
  std::int64_t now() const { return now_; }

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
    std::string branch;
    asio::cancellation_signal signal;
    std::unique_ptr<Resume> resume;
    Outcome outcome;
  };

  void start(std::string branch, Task<Outcome> work, std::unique_ptr<Resume> resume);
  void arrived(const std::shared_ptr<Pending>& pending, Outcome outcome);

  asio::any_io_executor world_;
  std::function<std::int64_t()> clock_;
  std::function<void()> before_waiting_;
  asio::io_context deck_{1};
  std::list<std::shared_ptr<Pending>> pending_;
  std::deque<std::shared_ptr<Pending>> ready_;
  std::vector<std::pair<std::string, Error>> cancelled_;
  std::int64_t now_;
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
