// What the tests of this folder try.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "simulate/campaign.hpp"

namespace shunt::tried {

/// Makes a subject of the stand-in app and that strategy (a bundled one, or a file) each time it is called; with a
/// script runtime of its own, as threads need it.
simulate::MakeSubject subjects(const std::string& strategy, bool first = false);

}  // namespace shunt::tried
