#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_cleanup(CLI::App& command) {
  auto due = std::make_shared<bool>(false);
  command.add_flag("--due", *due, "every app below the state root, and only colours whose hold ran out");
  return [due](Session& session) {
    auto& engine = session.engine();
    return session.end(*due ? engine.cleanup_due() : engine.cleanup(session.options().file));
  };
}

}  // namespace shunt::cli
