// The script language of the engine: Lua 5.4.
#pragma once

#include <memory>
#include <vector>

#include "shunt/script.hpp"

namespace shunt::lua {

/// `bundled`: the strategies that come with the program; a name ("gradual") and a text each. Used on one thread; the
/// one thread it starts itself watches for scripts that do not come back.
std::unique_ptr<ScriptRuntime> make_runtime(std::vector<Source> bundled);

/// Changes with the Lua API's own texts; part of the engine's ABI: a run that was begun with another one is not
/// replayed.
std::string library_hash();

}  // namespace shunt::lua
