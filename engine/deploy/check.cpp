// The verb `check`: LOAD, and everything that can be said without touching the world.
#include <fmt/format.h>

#include "deploy/load.hpp"
#include "deploy/unversioned.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

Value finding(const char* severity, const Error& error) {
  Value value = to_value(error);
  value["severity"] = severity;
  return value;
}

void check_strategy(const App& app, const std::string& name, ScriptRuntime& scripts, bool with_options,
                    Value& findings) {
  auto script = load_strategy(app, name, scripts, ScriptLimits());
  if (!script) {
    findings.push_back(finding("error", script.error()));
    return;
  }
  for (const auto& remark : (*script)->remarks()) findings.push_back(finding("finding", remark));
  if (!with_options) return;
  auto options = options_for(**script, app, Value::object(), false);
  if (!options) findings.push_back(finding("error", Error(options.error()).at({app.file, 0})));
}

}  // namespace

Ending Engine::check(const std::filesystem::path& app_file, const std::vector<std::string>& strategies) {
  Value findings = Value::array();
  const auto path = find_app_file(app_file);
  if (!path) return Ending(2, path.error());
  const auto app = load_app(*path, registry_, scripts_);
  if (!app) {
    findings.push_back(finding("error", app.error()));
  } else {
    for (const auto& warning : app->warnings)
      findings.push_back(finding("warning", Error("SH1013", Kind::config, warning, "").at({app->file, 0})));
    for (const auto& warning : unversioned_services(*app, registry_)) findings.push_back(finding("warning", warning));
    check_strategy(*app, "", scripts_, true, findings);
    for (const auto& strategy : strategies) check_strategy(*app, strategy, scripts_, false, findings);
  }
  Ending ending;
  bool failed = false;
  for (const auto& one : findings) failed = failed || one["severity"] != "warning";
  ending.exit = failed ? 2 : 0;
  ending.document = {{"file", path->string()}, {"findings", findings}};
  if (failed && !app) ending.error = app.error();
  return ending;
}

}  // namespace shunt
