// The simulated world below the waist: the same Calls as Live makes, over modelled adapters and in modelled time.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "effects/live.hpp"
#include "effects/trouble.hpp"
#include "model/clock.hpp"

namespace shunt::effects {

/// Deterministic. A Call is done when it is made, and answered a moment later. Loop thread only.
class Simulated : public Effects {
 public:
  /// `live` was made over adapters of a machine whose clock this is.
  Simulated(Live& live, model::Clock& clock, std::uint64_t seed = 1);

  Task<Outcome> perform(Call call) override;
  std::int64_t now() override { return clock_.now(); }

  std::function<Trouble(const Call&)> trouble;       ///< of every Call but sleeps
  std::function<Milliseconds(const Call&)> latency;  ///< of an ordinary answer; 1 ms without it
  std::function<void(const Call&)> before;           ///< hears of every Call before it is done
  /// And after that, before it is answered: with what the answer will be.
  std::function<void(const Call&, const Outcome&)> after;
  /// Answers approval.wait: what an operator says at once, "" for nobody.
  std::function<std::string(const Call&)> operator_says;

 private:
  Task<Outcome> done(Call call);
  Task<Outcome> own(Call call);
  Task<Outcome> asked(Call call);

  Live& live_;
  model::Clock& clock_;
  std::mt19937_64 random_;
};

}  // namespace shunt::effects
