#include <CLI/CLI.hpp>

#include "cli/report/documents.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_status(CLI::App&) {
  return [](Session& session) { return session.show(session.engine().status(session.options().file), status_text); };
}

}  // namespace shunt::cli
