#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/session.hpp"
#include "shunt/error.hpp"

namespace shunt::cli {

namespace {

Error own_fault(const Options& options, const char* what) {
  Error error("SH1959", Kind::adapter, "shunt met a fault of its own and stopped",
              "`shunt status` shows what serves; what was begun is journaled, and `shunt resume` goes on with it");
  if (options.verbose) error.evidence = {{"fault", what}};
  return error;
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  auto command = parse(arguments);
  Session session(command.options);
  if (!command.text.empty()) session.print(command.text);
  if (command.error) return session.fail(*command.error);
  if (!command.action) return 0;
  try {
    return command.action(session);
  } catch (const Failure& failure) {
    return session.fail(failure.error);
  } catch (const std::exception& fault) {
    return session.fail(own_fault(command.options, fault.what()), 3);
  }
}

}  // namespace shunt::cli
