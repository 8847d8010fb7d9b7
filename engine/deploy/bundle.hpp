// The texts that a run was started from, kept with it: a resume or a replay runs the same bytes, whatever becomes of
// the files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shunt/script.hpp"
#include "spec/app.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Stores everything that was evaluated; returns its hash.
Result<std::string> store_bundle(store::Store& store, const App& app, const Script& script);

/// The strategy as it was when the run began. SH1926 when it is missing.
Result<std::unique_ptr<Script>> stored_script(store::Store& store, const store::Run& run, ScriptRuntime& scripts);

/// Of the files that it was started from, those that are others now, or gone.
std::vector<std::string> edited_files(store::Store& store, const store::Run& run);

}  // namespace shunt::deploy
