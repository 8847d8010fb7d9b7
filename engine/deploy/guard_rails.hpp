// What the engine refuses whatever a script says, because it would hurt users.
#pragma once

#include "effects/waist.hpp"
#include "spec/deployment.hpp"
#include "steps/facts.hpp"

namespace shunt::deploy {

/// Keeps a run's facts, and says no: to traffic for a colour that is not proven, to leaving nobody to answer, to
/// stopping what still has traffic, to going on after a gate failed.
class GuardRails : public effects::Guard {
 public:
  explicit GuardRails(const Deployment& deployment) : deployment_(deployment) {}

  std::optional<Error> refuse(const Call& call) override;
  void learn(const Call& call, const Outcome& outcome) override;

  Facts& facts() { return facts_; }

 private:
  std::optional<Error> refuse_stranger(const Call& call) const;
  std::optional<Error> refuse_singleton(const Call& call) const;
  std::optional<Error> refuse_weights(const Call& call) const;
  std::optional<Error> refuse_stop(const Call& call) const;
  std::optional<Error> refuse_shift(const Call& call) const;
  std::optional<Error> refuse_retire_old() const;
  bool may_vanish(const std::string& service, Colour colour) const;
  std::optional<Error> unproven(const std::string& service, Colour colour) const;

  void learn_restored(const Value& restored);
  void learn_proxy(const Call& call, const Outcome& outcome);
  void learn_instances(const Call& call, const Outcome& outcome);
  void learn_verdicts(const Call& call, const Outcome& outcome);

  const Deployment& deployment_;
  Facts facts_;
};

}  // namespace shunt::deploy
