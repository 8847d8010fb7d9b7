// A run that has ended, again from its journal alone.
#pragma once

#include <functional>
#include <vector>

#include "deploy/run.hpp"

namespace shunt::deploy {

/// What its script was ended by force at, or what went on without one, no replay reaches: the entries before that.
std::vector<store::Entry> up_to_force(std::vector<store::Entry> entries);

/// Goes through `entries` with the body that `body_for` makes, without effects and without recording anything.
/// `ending.error` is SH1941 where it would have acted differently.
Ending rerun(const Deployment& deployment, const store::Run& row, std::vector<store::Entry> entries,
             const Secrets& secrets, const std::function<Body(Run&)>& body_for);

}  // namespace shunt::deploy
