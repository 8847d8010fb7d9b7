#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_resolve(CLI::App& command) {
  struct Arguments {
    std::string run;
    std::string decision;
    std::string reason;
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option("ID", arguments->run, "the deployment (see `shunt show`)")->type_name("")->required();
  command
      .add_option("DECISION", arguments->decision,
                  "retry: do again what is in doubt or failed; skip: it did not happen, and shall not; adopt: it did "
                  "happen; abandon: do nothing more, what serves now stays")
      ->type_name("retry|skip|adopt|abandon")
      ->check(CLI::IsMember({"retry", "skip", "adopt", "abandon"}))
      ->required();
  command.add_option("--reason", arguments->reason, "why; kept in the journal")->type_name("TEXT")->required();
  return [arguments](Session& session) {
    return session.end(
        session.engine().resolve(session.options().file, arguments->run, arguments->decision, arguments->reason));
  };
}

}  // namespace shunt::cli
