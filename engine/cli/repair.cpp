#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_repair(CLI::App& command) {
  struct Arguments {
    bool accept = false;
    bool due = false;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* accept = command.add_flag("--accept", arguments->accept, "record what the proxies show instead");
  command
      .add_flag("--due", arguments->due,
                "every app below the state root whose proxy was restarted and forgot its shares")
      ->excludes(accept);
  return [arguments](Session& session) {
    auto& engine = session.engine();
    return session.end(arguments->due ? engine.repair_due() : engine.repair(session.options().file, arguments->accept));
  };
}

}  // namespace shunt::cli
