// The verb `replay`: a past deployment again from its journal, offline, without effects.
#include <fmt/format.h>

#include "deploy/bundle.hpp"
#include "deploy/compose.hpp"
#include "deploy/find_run.hpp"
#include "deploy/load.hpp"
#include "deploy/play.hpp"
#include "deploy/rerun.hpp"
#include "deploy/routine.hpp"
#include "deploy/world.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

/// A run as its store has it.
struct Recorded {
  std::unique_ptr<store::Store> store;
  store::Run run;
  std::vector<store::Entry> entries;
};

Result<Recorded> read_run(const std::filesystem::path& folder, const std::string& id) {
  auto opened = store::open(folder, store::Mode::read);
  if (!opened) return opened.error();
  Recorded recorded;
  recorded.store = std::move(*opened);
  if (auto whole = recorded.store->verify(id); !whole) return whole.error();
  auto run = recorded.store->run(id);
  if (!run) return run.error();
  if (!*run) return no_such_run(id);
  recorded.run = std::move(**run);
  auto entries = recorded.store->entries(id);
  if (!entries) return entries.error();
  recorded.entries = std::move(*entries);
  return recorded;
}

Result<std::unique_ptr<Script>> script_for(Recorded& recorded, const std::string& strategy,
                                           const std::filesystem::path& app_file, const Registry& registry,
                                           ScriptRuntime& scripts) {
  if (strategy.empty()) return stored_script(*recorded.store, recorded.run, scripts);
  auto app = load_app(app_file, registry, scripts);
  if (!app) return app.error();
  return load_strategy(*app, strategy, scripts, ScriptLimits());
}

Ending replayed(Recorded& recorded, std::unique_ptr<Play> play) {
  auto entries = up_to_force(recorded.entries);
  const auto count = entries.size();
  const bool whole = count == recorded.entries.size();
  process::Posix processes;
  const secrets::Vault secrets(processes);
  const auto deployment = deployment_from(recorded.run.inputs);
  auto ending = rerun(deployment, recorded.run, std::move(entries), secrets, [&](Run& run) {
    return play ? play->body(run.machinery(), deployment)
                : body_of(recorded.run.inputs["routine"], run.machinery().stage());
  });
  if (ending.error && ending.error->code == "SH1941") {
    ending.exit = 1;
    return ending;
  }
  Ending same(0, fmt::format("{} entries, replayed without a difference{}", count,
                             whole ? "" : "; there its script was ended by force"));
  same.run = recorded.run.id;
  same.document = {{"entries", count}, {"ended", ending.state}};
  return same;
}

}  // namespace

Ending Engine::replay(const std::filesystem::path& app_file, const std::string& id, const std::string& strategy) {
  const auto app = app_with_run(settings_, id, app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  auto recorded = read_run(state_folder(settings_, *app), id);
  if (!recorded) return Ending(recorded.error().code == "SH1802" ? 3 : 2, recorded.error());
  if (recorded->run.engine_abi != engine_abi)
    return Ending(2, Error("SH1948", Kind::config, fmt::format("another version of shunt began {}", id),
                           "replay it with that version"));
  const bool is_routine = recorded->run.inputs.contains("routine");
  if (is_routine && !strategy.empty())
    return Ending(2,
                  Error("SH1948", Kind::config, fmt::format("{} had no strategy: it is a {}", id, recorded->run.verb),
                        "leave --strategy out, or name a deployment"));
  if (is_routine) return replayed(*recorded, nullptr);
  auto script = script_for(*recorded, strategy, app_file, registry_, scripts_);
  if (!script) return Ending(2, script.error());
  return replayed(*recorded, std::make_unique<Play>(std::move(*script)));
}

}  // namespace shunt
