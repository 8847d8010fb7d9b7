#include <CLI/CLI.hpp>

#include "cli/report/documents.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_doctor(CLI::App&) {
  return [](Session& session) { return session.show(session.engine().doctor(session.options().file), doctor_text); };
}

}  // namespace shunt::cli
