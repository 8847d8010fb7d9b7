#include <CLI/CLI.hpp>

#include "cli/report/documents.hpp"
#include "cli/request.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_simulate(CLI::App& command) {
  auto request = std::make_shared<SimulateRequest>();
  command
      .add_option("--strategy", request->strategy,
                  "a bundled strategy, or a file of your own (default: the app file's)")
      ->type_name("NAME|FILE.lua");
  declare_settings(command, request->options);
  auto* runs = command.add_option("--runs", request->runs, "how many deployments (1000)")
                   ->type_name("N")
                   ->check(CLI::Range(1, 10'000'000));
  command.add_option("--seed", request->seed, "of the first one; each next has the next seed (1)")->type_name("S");
  command.add_option("--faults", request->faults, "kinds of faults, with commas (all of them)")
      ->type_name("LIST")
      ->delimiter(',');
  auto* crash = command.add_flag("--crash", request->crashes, "instead: the engine dies at every point, once");
  command
      .add_flag("--exhaustive", request->exhaustive,
                "instead: every single fault, and every pair where the strategy is small")
      ->excludes(crash)
      ->excludes(runs);
  crash->excludes(runs);
  return [request](Session& session) {
    request->app_file = session.options().file;
    return session.show(session.engine().simulate(*request), simulate_text);
  };
}

}  // namespace shunt::cli
