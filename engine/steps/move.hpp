// Moving traffic safely: raise, confirm, verify, and only then lower.
#pragma once

#include <vector>

#include "steps/stage.hpp"

namespace shunt::steps {

/// Where one service's traffic shall go.
struct Target {
  std::string service;
  Weights weights;

  Target(std::string service, Weights weights) : service(std::move(service)), weights(weights) {}
};

/// The larger weight of each colour.
Weights highest(const Weights& a, const Weights& b);

/// Why traffic is moved, which decides how strictly it is verified.
enum class Purpose {
  deploy,   ///< nobody but the two versions may answer, and at 100 % only the new one
  repair,   ///< whoever else answers is what is being repaired; at 100 % only the right one may
  go_back,  ///< the target must be seen once; answers of the colour being left never prevent lowering it
};

/// Brings every target's proxy to its weights: all that go up first, in order; then each is confirmed usable by the
/// proxy itself and verified through it; then all that go down, in reverse; then those are confirmed. `toward` is the
/// colour that shall be seen answering.
Task<Outcome> move(Stage stage, Scope scope, std::vector<Target> targets, Colour toward, Purpose purpose);

/// Waits until the proxy itself would send requests to `colour`, by effective share; error SH1511 after `limit_ms`.
Task<Outcome> await_usable(Stage stage, Scope scope, std::string service, Colour colour, std::int64_t limit_ms);

/// How long a colour may take until its proxy calls it usable.
std::int64_t usable_limit(const Stage& stage, const std::string& service, Colour colour, Purpose purpose);

/// SH1511, with the servers of the proxy's last view.
Error not_usable(const std::string& service, Colour colour, std::int64_t waited_ms, const Value& view);

/// Sees through the proxy who answers. Below 100 %: `toward` once, and nobody unknown; at 100 %: several times in a
/// row.
Task<Outcome> verify(Stage stage, Scope scope, std::string service, Colour toward, bool alone, Purpose purpose);

/// Whether these weights send users the same ways: equal, or as near as a proxy that is told shares in steps can come.
bool same_shares(const Weights& a, const Weights& b);

}  // namespace shunt::steps
