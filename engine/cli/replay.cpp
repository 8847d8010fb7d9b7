#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_replay(CLI::App& command) {
  struct Arguments {
    std::string run;
    std::string strategy;
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option("ID", arguments->run, "the deployment (see `shunt history`)")->type_name("")->required();
  command.add_option("--strategy", arguments->strategy, "another script: where would it have acted differently?")
      ->type_name("NAME|FILE.lua");
  return [arguments](Session& session) {
    return session.end(session.engine().replay(session.options().file, arguments->run, arguments->strategy));
  };
}

}  // namespace shunt::cli
