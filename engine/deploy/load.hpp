// From files on disk to an app and a strategy that can run.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "shunt/engine.hpp"
#include "spec/app.hpp"

namespace shunt::deploy {

/// The app file: `given`, or shunt.lua looked up from the current folder towards the root. SH1012 when there is none.
Result<std::filesystem::path> find_app_file(const std::filesystem::path& given);

/// Loads and checks it. Errors carry file and line.
Result<App> load_app(const std::filesystem::path& given, const Registry& registry, ScriptRuntime& scripts);

/// Reads files below `folder`, for include and require, and below the folder of `named`, the file that the user named,
/// wherever that lies. What a link leads out of them is not found.
ReadFile files_in(std::filesystem::path folder, const std::string& named);

/// The strategy: `asked`, else the app's, else blue_green; a bundled name or a path relative to the app's folder.
Result<std::unique_ptr<Script>> load_strategy(const App& app, const std::string& asked, ScriptRuntime& scripts,
                                              ScriptLimits limits);

/// What `--set` says, as options: a text becomes a number, a list or a boolean where it is one.
Value options_in(const std::map<std::string, std::string>& settings);

/// The app file's options for the strategy, with those of `options` on top.
/// `another`: the strategy is not the app file's own.
Result<Value> options_for(const Script& script, const App& app, const Value& options, bool another);

}  // namespace shunt::deploy
