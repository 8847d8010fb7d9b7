#include "cli/request.hpp"

#include <CLI/CLI.hpp>

namespace shunt::cli {

void declare_settings(CLI::App& command, std::map<std::string, std::string>& options) {
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&options](const std::vector<std::string>& settings) {
            for (const auto& setting : settings) {
              const auto equals = setting.find('=');
              options[setting.substr(0, equals)] = setting.substr(equals + 1);
            }
          },
          "an option of the strategy (`shunt strategies`); may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check([](const std::string& setting) {
        const auto equals = setting.find('=');
        return equals == std::string::npos || equals == 0 ? "'" + setting + "' is not KEY=VALUE" : std::string();
      });
}

std::shared_ptr<DeployRequest> declare_request(CLI::App& command) {
  auto request = std::make_shared<DeployRequest>();
  command.add_option("VERSION", request->version, "the version to deploy")->required()->type_name("");
  command
      .add_option("--strategy", request->strategy,
                  "a bundled strategy, or a file of your own (default: the app file's)")
      ->type_name("NAME|FILE.lua");
  declare_settings(command, request->options);
  auto* reason = command.add_option("--reason", request->reason, "why, for the history")->type_name("TEXT");
  command.add_flag("--force", request->force, "override the capacity check and the time window")->needs(reason);
  return request;
}

}  // namespace shunt::cli
