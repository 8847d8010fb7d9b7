#include <CLI/CLI.hpp>

#include "cli/report/documents.hpp"
#include "cli/request.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_plan(CLI::App& command) {
  auto request = declare_request(command);
  return [request](Session& session) {
    request->app_file = session.options().file;
    return session.show(session.engine().plan(*request), plan_text);
  };
}

}  // namespace shunt::cli
