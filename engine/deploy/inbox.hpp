// What operators say to a running deployment: approve, reject, abort.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "effects/effects.hpp"
#include "effects/journal.hpp"
#include "shunt/task.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Reads the inbox of one run every 200 ms. Loop thread only.
class Inbox {
 public:
  /// Makes it durable that the message was taken, with what comes of it.
  using Aborted = std::function<void(const store::Message& message)>;
  using Waiting = std::function<void(bool waiting, const std::string& question, std::int64_t until)>;

  /// `effects` tells the time and lets it pass.
  Inbox(store::Store& store, std::string run, effects::Journal& journal, effects::Effects& effects, Aborted aborted,
        Waiting waiting);
  ~Inbox() { *alive_ = false; }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Hands an abort on if there is one; once.
  bool take_abort();

  /// Looks for an abort every 200 ms; never ends by itself.
  Task<void> watch();

  /// Waits for an answer: { question, timeout_ms, asked (unix ms; now) } → { answer: "approve", "reject" or "", by,
  /// reason }.
  Task<Outcome> wait(Value args);

  /// How long a question has been open now; 0 when none is. Such time does not count as the deployment's.
  std::int64_t waiting_ms() const;

 private:
  class Open;
  bool take_answer(const std::string& question, std::int64_t asked, std::int64_t deadline, Value& answer);
  Task<void> pause();

  store::Store& store_;
  std::string run_;
  effects::Journal& journal_;
  effects::Effects& effects_;
  Aborted aborted_;
  Waiting waiting_;
  std::int64_t waiting_since_ = 0;
  int open_ = 0;
  bool aborted_already_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< who waits may be let go later
};

}  // namespace shunt::deploy
