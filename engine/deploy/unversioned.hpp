// Services that would be the same for every version, as far as their app file tells.
#pragma once

#include <vector>

#include "shunt/error.hpp"
#include "shunt/registry.hpp"
#include "spec/app.hpp"

namespace shunt::deploy {

/// SH1016 for each service whose runtime table depends on the version in none of the keys that its adapter calls
/// `versioned`. Reads the files that such keys name, and says nothing where one cannot be read. A name with a digest
/// means one thing for ever, so who writes one has made up his mind.
std::vector<Error> unversioned_services(const App& app, const Registry& registry);

}  // namespace shunt::deploy
