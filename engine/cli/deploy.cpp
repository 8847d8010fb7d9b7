#include <CLI/CLI.hpp>

#include "cli/request.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_deploy(CLI::App& command) {
  auto request = declare_request(command);
  return [request](Session& session) {
    request->app_file = session.options().file;
    return session.end(session.engine().deploy(*request));
  };
}

}  // namespace shunt::cli
