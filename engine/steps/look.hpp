// Reading the proxies, and noticing who else has touched them.
#pragma once

#include "steps/stage.hpp"

namespace shunt::steps {

/// How long a proxy that cannot be reached is tried again.
constexpr std::int64_t proxy_patience_ms = 5'000;

/// Performs `call`, and again after a growing pause while it fails retryably, for at most `patience_ms`.
Task<Outcome> patiently(Scope scope, Call call, std::int64_t patience_ms);

/// The view of one proxy (as proxy.get gives it). Where the proxy was restarted since this run last told it something,
/// it is told again; where somebody else changed the shares, an operator is asked, and without approval the outcome is
/// the control error SH1913.
Task<Outcome> observe(Stage stage, Scope scope, std::string service);

/// Reads the proxy until it would send requests to `colour`; error SH1511 after `limit_ms`.
Task<Outcome> await_share(Scope scope, std::string service, Colour colour, std::int64_t limit_ms);

/// Brings a proxy that shows `found` back to the shares that it was told before: up, usable, and only then down.
Task<Outcome> apply_again(Scope scope, std::string service, Weights found, Weights told);

/// What `observe` does about shares that are not what they should be.
Task<Outcome> resolve_difference(Scope scope, std::string service, Weights found, Weights wanted, bool restarted);

/// SH1913: what was found is neither what shunt set nor what a proxy has after a restart.
Error foreign_edit(const std::string& service, const Weights& found, const Weights& told);

/// Observes every proxy and records the shares found before this run's first effect on them.
Task<Outcome> look(Stage stage, Scope scope);

/// Registers the one undo of everything this run does to shares, before the first such effect; later calls do nothing.
void register_restore(const Stage& stage, const Scope& scope);

/// Weights of a proxy view.
Weights weights_in(const Value& view, const char* key);

}  // namespace shunt::steps
