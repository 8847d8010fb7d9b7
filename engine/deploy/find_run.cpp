#include "deploy/find_run.hpp"

#include <fmt/format.h>

#include "deploy/load.hpp"
#include "deploy/unfinished.hpp"

namespace shunt::deploy {

namespace {

std::vector<std::string> interrupted_apps(const Settings& settings) {
  std::vector<std::string> found;
  for (const auto& app : known_apps(settings)) {
    const auto store = store::open(state_folder(settings, app), store::Mode::read);
    if (!store) continue;
    const auto open = interrupted_runs(**store);
    if (open && !open->empty()) found.push_back(app);
  }
  return found;
}

}  // namespace

Error no_such_run(const std::string& run) {
  return {"SH1932", Kind::config, fmt::format("there is no deployment {}", run), "`shunt history` lists them"};
}

Result<std::string> app_with_run(const Settings& settings, const std::string& run,
                                 const std::filesystem::path& app_file, const Registry& registry,
                                 ScriptRuntime& scripts) {
  for (const auto& app : run.empty() ? std::vector<std::string>() : known_apps(settings)) {
    const auto store = store::open(state_folder(settings, app), store::Mode::read);
    if (!store) continue;
    const auto found = (*store)->run(run);
    if (found && *found) return app;
  }
  const auto loaded = load_app(app_file, registry, scripts);
  if (loaded) return loaded->name;
  // What was interrupted needs no file to go on: a broken one is no obstacle where there is one such app.
  const auto waiting = interrupted_apps(settings);
  if (waiting.size() == 1) return waiting.front();
  return loaded.error();
}

}  // namespace shunt::deploy
