#include <CLI/CLI.hpp>

#include "cli/report/documents.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_history(CLI::App& command) {
  auto limit = std::make_shared<int>(20);
  command.add_option("-n", *limit, "how many, newest first (20)")->type_name("N")->check(CLI::PositiveNumber);
  return [limit](Session& session) {
    return session.show(session.engine().history(session.options().file, *limit), history_text);
  };
}

}  // namespace shunt::cli
