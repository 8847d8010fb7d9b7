// Which app a deployment belongs to.
#pragma once

#include "deploy/claim.hpp"
#include "shunt/engine.hpp"

namespace shunt::deploy {

/// The app that has a run of that id; without an id, or where none has it, the one of the app file.
Result<std::string> app_with_run(const Settings& settings, const std::string& run,
                                 const std::filesystem::path& app_file, const Registry& registry,
                                 ScriptRuntime& scripts);

/// SH1932.
Error no_such_run(const std::string& run);

}  // namespace shunt::deploy
