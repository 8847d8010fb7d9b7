// From an app file, or none, to what is tried.
#pragma once

#include "shunt/engine.hpp"
#include "simulate/trial.hpp"
#include "spec/app.hpp"

namespace shunt::simulate {

/// Where a simulated deployment begins.
struct Setting {
  std::string version = "v2";
  std::string previous = "v1";
  bool first = false;
  bool covers = true;  ///< the lines of the strategy that are reached are counted

  Setting() = default;
};

/// The app file's app; the stand-in where none is named or found.
Result<std::optional<App>> app_for(const std::filesystem::path& app_file, const Registry& registry,
                                   ScriptRuntime& scripts);

/// Makes a subject: of `app`, or of the stand-in with strategies relative to the current folder. `options` are the
/// strategy's, above those of the app file. `scripts` outlives it.
Result<Subject> make_subject(const std::optional<App>& app, const std::string& strategy, const Value& options,
                             const Setting& setting, ScriptRuntime& scripts);

/// Gives it the invariants of the test file beside its strategy (careful_test.lua beside careful.lua), where there is
/// one.
Result<void> add_invariants(Subject& subject, const std::optional<App>& app, const std::string& strategy,
                            ScriptRuntime& scripts);

}  // namespace shunt::simulate
