// Whether a run may end as a success.
#pragma once

#include "steps/stage.hpp"

namespace shunt::deploy {

/// Every service's traffic is on the new colour, by the proxies' own account; SH1326 where it was never asked for, and
/// SH1511 where it was and the proxy calls the new colour unusable for ten seconds on end. `confirmed` becomes the
/// shares and the start time of each proxy, by service; it lives until this is done.
Task<Outcome> confirm_end(steps::Stage stage, effects::Scope scope, Value* confirmed);

/// Nothing of the old colour exists any more, by the runtimes' own account; SH1920 otherwise, which names what does.
Task<Outcome> confirm_gone(steps::Stage stage, effects::Scope scope);

}  // namespace shunt::deploy
