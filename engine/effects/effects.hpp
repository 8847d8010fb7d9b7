// What lies below the waist: the world, in one of its implementations.
#pragma once

#include "shunt/call.hpp"
#include "shunt/task.hpp"

namespace shunt::effects {

/// Live, planned, simulated or replayed. Knows nothing of scripts, steps or journals.
class Effects {
 public:
  virtual ~Effects() = default;

  /// Does what the primitive `call` says and tells what came of it; failures are Outcomes, never exceptions. A
  /// cancelled wait may throw, or come to `cancelled_call()`. Runs on the loop, several at once.
  virtual Task<Outcome> perform(Call call) = 0;

  /// The time that deliveries are stamped with, unix ms.
  virtual std::int64_t now() = 0;
};

/// SH1902 (control).
Outcome cancelled_call();

}  // namespace shunt::effects
