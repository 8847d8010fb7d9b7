#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_rollback(CLI::App& command) {
  struct Arguments {
    std::string mode;
    std::string reason;
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option("--mode", arguments->mode, "default: the app file's")
      ->type_name("MODE")
      ->check(CLI::IsMember(std::vector<std::string>{"immediate", "gradual", "swap"}));
  command.add_option("--reason", arguments->reason, "why, for the history")->type_name("TEXT");
  return [arguments](Session& session) {
    return session.end(session.engine().rollback(session.options().file, arguments->mode, arguments->reason));
  };
}

}  // namespace shunt::cli
