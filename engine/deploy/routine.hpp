// What the verbs without a script do: as data, so that a later process can do the same.
#pragma once

#include "deploy/run.hpp"
#include "steps/stage.hpp"

namespace shunt::deploy {

// Each stands in a run's inputs as `routine`.

/// A release serves again, which one of `runs` has started where it still runs. `over_ms`: in steps, over this time; 0:
/// at once. `keeps_left`: the version that is left goes on running, until `cleanup`.
Value go_back_to(const std::vector<std::string>& runs, std::int64_t over_ms, bool keeps_left);

/// The live release runs, is proven, and has all the traffic.
Value bring_back();

/// The idle colour is stopped, where something runs there, and what no release needs any more is removed.
Value retire_idle(bool runs, const Wanted& wanted);

/// What runs already is taken over and proven.
Value take_over(bool may_stop);

/// The old colour, whose retiring had begun, is gone.
Value finish_retiring();

/// The body of that routine; what `stage` refers to outlives it.
Body body_of(const Value& routine, steps::Stage stage);

}  // namespace shunt::deploy
