// What the world remembers of a state folder.
#pragma once

#include "deploy/claim.hpp"
#include "deploy/world.hpp"
#include "effects/fleet.hpp"

namespace shunt::deploy {

/// What carries the name of a run outside of the state folder: an instance, by its labels, or a proxy's lock file.
struct Memory {
  std::string what;  ///< for messages: "shop-web-green-1 (pid 4711)"
  std::string run;
  std::int64_t seq = 0;  ///< of the journal entry that made it, 0 where that is not known

  Memory() = default;
};

struct Remembered {
  std::vector<Memory> memories;
  std::optional<Error> error;  ///< why it could not be looked at
};

/// The instances of the app, and who drove its proxies last.
Task<Remembered> remembered(effects::Fleet& fleet, std::vector<store::Driver> drivers);

/// Whether the store knows everything that the world remembers; one that holds nothing yet is not asked. SH1809 where
/// it does not: an old copy was put back, another copy went on, or the journal lost its end.
Result<void> compare(store::Store& store, const std::vector<Memory>& memories);

/// Takes the locks of the proxies that the deployment names.
Result<void> take_targets(effects::Fleet& fleet, Claim& claim);

/// The same, and compares: what a verb does before it looks further. Nothing has been touched when it fails.
Result<void> take_charge(World& world, effects::Fleet& fleet, Claim& claim);

/// For who has the locks: the store is the truth from now on: what it did not know is entered as runs of which nothing
/// is known.
Result<void> accept_outside(World& world, effects::Fleet& fleet, Claim& claim, const std::string& by);

}  // namespace shunt::deploy
