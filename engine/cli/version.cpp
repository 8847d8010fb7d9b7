#include <CLI/CLI.hpp>

#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_version(CLI::App&) {
  return [](Session& session) {
    const std::string version = program_version();
    session.print(session.options().json ? to_text({{"version", version}}) + "\n" : "shunt " + version + "\n");
    return 0;
  };
}

}  // namespace shunt::cli
