// Putting a deployment together from what is recorded and what is asked.
#pragma once

#include "deploy/claim.hpp"
#include "shunt/engine.hpp"
#include "spec/app.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// The colour's side as its release recorded it; an empty side when nothing is recorded.
Result<Side> recorded_side(store::Store& store, const store::AppState& state, Colour colour);

/// The side of that release.
Result<Side> side_of(store::Store& store, const std::string& release);

/// What `run` makes of a side in that colour, as it is to be recorded.
store::Release release_of(const Side& side, Colour colour, const std::string& run);

/// The release that begins with the deployment; `bundle` is the strategy's, "" for none.
store::Release new_release(const Deployment& deployment, const App& app, const std::string& bundle);

/// The colour that a release was deployed in.
Colour colour_of(const store::Release& release);

/// A deployment of `version` of the app over `prior`, which serves in `live` (nothing serves: neither). `id` names the
/// run and its release.
Deployment compose(const App& app, const std::string& version, std::optional<Colour> live, Side prior,
                   const std::string& id);

/// The fields of a script's `deploy` object.
Value script_fields(const Deployment& deployment);

/// Changes with the order and the arguments of what the composite steps do: a run of another one may go back, but not
/// forward.
constexpr int engine_abi = 3;

/// A run's first row.
store::Run row_for(const Deployment& deployment, const Claim& claim, const Settings& settings,
                   const std::string& reason);

/// The machine's boot id; a change between runs means a reboot.
std::string boot_id();

}  // namespace shunt::deploy
