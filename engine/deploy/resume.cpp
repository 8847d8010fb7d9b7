// The verb `resume`: ends what a crash interrupted.
#include <fmt/format.h>
#include <algorithm>

#include "deploy/find_run.hpp"
#include "deploy/situation.hpp"
#include "deploy/unfinished.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

bool may_be_resumed(const store::Run& run, bool only_interrupted) {
  return is_open(run) || (!only_interrupted && run.state == "needs_operator");
}

Ending resume_one(const Tools& tools, const std::string& app, const std::string& id, bool only_interrupted) {
  auto claim = Claim::take(tools.settings, app, "resume " + id);
  if (!claim) return Ending(exit_for(claim.error()), claim.error());
  const auto runs = claim->store().runs(200);
  if (!runs) return Ending(3, runs.error());
  const auto named = [&id](const store::Run& run) { return run.id == id; };
  if (!id.empty() && std::none_of(runs->begin(), runs->end(), named)) return Ending(2, no_such_run(id));
  for (auto run = runs->rbegin(); run != runs->rend(); ++run)
    if ((id.empty() || run->id == id) && may_be_resumed(*run, only_interrupted)) return settle(*claim, *run, tools);
  return Ending(
      5, id.empty() ? fmt::format("nothing of '{}' was interrupted", app) : fmt::format("{} has ended already", id));
}

}  // namespace

Ending Engine::resume(const std::filesystem::path& app_file, const std::string& run) {
  const auto app = app_with_run(settings_, run, app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  return resume_one(tools(), *app, run, false);
}

Ending Engine::resume_all() {
  Ending worst(5, "nothing was interrupted");
  for (const auto& app : known_apps(settings_)) {
    auto ending = resume_one(tools(), app, "", true);
    if (ending.exit == 4 || ending.exit == 5) continue;
    if (worst.exit == 5 || ending.exit > worst.exit) worst = std::move(ending);
  }
  if (worst.exit == 5) worst.exit = 0;
  return worst;
}

}  // namespace shunt
