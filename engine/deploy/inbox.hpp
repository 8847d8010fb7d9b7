// What operators say to a running deployment: approve, reject, abort.
#pragma once

#include <functional>
#include <string>

#include "effects/journal.hpp"
#include "shunt/task.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Reads the inbox of one run every 200 ms. Loop thread only.
class Inbox {
 public:
  using Aborted = std::function<void(const store::Message& message)>;
  using Waiting = std::function<void(bool waiting, const std::string& question, std::int64_t until)>;

  Inbox(store::Store& store, std::string run, effects::Journal& journal, Aborted aborted, Waiting waiting);

  /// Never ends by itself; hands an abort on, once.
  Task<void> watch();

  /// Waits for an answer: { question, timeout_ms } → { answer: "approve", "reject" or "", by, reason }.
  Task<Outcome> wait(Value args);

  /// How long questions have been open in all; such time does not count as the deployment's.
  std::int64_t waited_ms() const;

 private:
  class Open;
  bool take_answer(const std::string& question, std::int64_t deadline, Value& answer);

  store::Store& store_;
  std::string run_;
  effects::Journal& journal_;
  Aborted aborted_;
  Waiting waiting_;
  std::int64_t waited_ms_ = 0;
  std::int64_t waiting_since_ = 0;
  int open_ = 0;
};

}  // namespace shunt::deploy
