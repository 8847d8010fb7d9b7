// From what a random trial found to what a person can read.
#pragma once

#include "simulate/campaign.hpp"

namespace shunt::simulate {

/// The same finding (of the same kind) with fewer and plainer faults, and without a seed where none is needed.
Finding shrink(const Subject& subject, Finding finding);

/// The finding with its timeline.
Finding explain(const Subject& subject, Finding finding);

/// The timeline of a trial that was made to tell: as `show` has it, with { kind = "fault", verb = what a test says }.
Value timeline_of(Trial& trial);

/// A test that shows it: Lua.
std::string to_test(const Deployment& deployment, const Finding& finding);

}  // namespace shunt::simulate
