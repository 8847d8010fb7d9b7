#include "cli/answer.hpp"

#include <CLI/CLI.hpp>

#include "cli/session.hpp"

namespace shunt::cli {

Action declare_answer(CLI::App& command, const std::string& verb, const std::string& which,
                      const std::string& meaning) {
  struct Arguments {
    std::string which;
    std::string reason;
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option(which, arguments->which, meaning)->type_name("");
  command.add_option("--reason", arguments->reason, "why, for the history")->type_name("TEXT");
  return [arguments, verb](Session& session) {
    return session.end(session.engine().answer(session.options().file, verb, arguments->which, arguments->reason));
  };
}

}  // namespace shunt::cli
