// No world at all: what a replay stands on, which asks for nothing that the journal does not know.
#pragma once

#include "effects/effects.hpp"

namespace shunt::effects {

/// Nothing is ever performed, and no time passes.
class Nowhere : public Effects {
 public:
  Task<Outcome> perform(Call call) override {
    Outcome no(Error("SH1903", Kind::adapter, "a replay has no world to ask: " + call.verb, "report this as a bug"));
    co_return std::move(no);
  }
  std::int64_t now() override { return 0; }
};

}  // namespace shunt::effects
