#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_resume(CLI::App& command) {
  struct Arguments {
    std::string run;
    bool all = false;
    std::vector<int> locks;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* run =
      command.add_option("ID", arguments->run, "the deployment (default: the one that was interrupted)")->type_name("");
  command.add_flag("--all", arguments->all, "everything that was interrupted, of every app below the state root")
      ->excludes(run);
  // Used by the program itself, when it replaces its own image and hands its locks on.
  command.add_option("--lock-fd", arguments->locks)->group("");
  return [arguments](Session& session) {
    session.settings().locks = arguments->locks;
    auto& engine = session.engine();
    return session.end(arguments->all ? engine.resume_all() : engine.resume(session.options().file, arguments->run));
  };
}

}  // namespace shunt::cli
