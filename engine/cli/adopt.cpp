#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_adopt(CLI::App& command) {
  struct Arguments {
    std::string version;
    std::string color;
    bool may_stop = false;
    std::string reason;
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option("version", arguments->version, "what it is called from now on")->required()->type_name("VERSION");
  command.add_option("--as", arguments->color, "the colour whose ports it listens at, and that gets all traffic")
      ->required()
      ->type_name("COLOR")
      ->check(CLI::IsMember(std::vector<std::string>{"blue", "green"}));
  command.add_flag("--may-stop", arguments->may_stop, "shunt may end it once a later version has replaced it");
  command.add_option("--reason", arguments->reason, "why, for the history")->type_name("TEXT");
  return [arguments](Session& session) {
    AdoptRequest request;
    request.app_file = session.options().file;
    request.version = arguments->version;
    request.color = colour_named(arguments->color).value_or(Colour::blue);
    request.may_stop = arguments->may_stop;
    request.reason = arguments->reason;
    return session.end(session.engine().adopt(request));
  };
}

}  // namespace shunt::cli
