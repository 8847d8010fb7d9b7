// Tells people and programs outside what a deployment came to.
#pragma once

#include <cstdint>
#include <string>

#include "shunt/duration.hpp"
#include "shunt/error.hpp"
#include "shunt/task.hpp"
#include "shunt/value.hpp"

namespace shunt {

/// What a channel is told. Masked: no secret is in it.
struct Notification {
  std::string id;         ///< the same for every attempt: the receiver knows repeats by it
  std::string event;      ///< started, waiting, rolling_back, succeeded, rolled_back, needs_operator, message
  std::int64_t time = 0;  ///< when it happened, unix ms
  std::string text;       ///< a sentence for people
  /// { app, deployment, verb, strategy, version, previous_version, color } and, by event: question, until, reason,
  /// exit, serves, elapsed_ms, error { code, message, remedy }, fields.
  Value facts = Value::object();
};

/// One configured channel. What it is told waits in the store until it was sent: a failure here never fails a
/// deployment.
class Notify {
 public:
  virtual ~Notify() = default;

  /// Makes one attempt of at most `limit`; success is the receiver's word that it has it. The same may come
  /// again. Failures: SH2001 (retryable) not delivered, `evidence.retry_after_ms` when the receiver said how long to
  /// wait; SH2002 the receiver wants no more, ever; SH2003 (kind config) the configuration cannot be used, retryable
  /// once it is mended. Loop thread only. Cancelling the awaiting task gives the attempt up.
  virtual Task<Result<void>> send(Notification notification, Milliseconds limit) = 0;
};

}  // namespace shunt
