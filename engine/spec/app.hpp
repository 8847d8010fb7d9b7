// The app file as a description: checked against its schema and its adapters' schemas, not yet for one version.
#pragma once

#include <string>
#include <vector>

#include "shunt/registry.hpp"
#include "shunt/schema.hpp"
#include "shunt/script.hpp"
#include "spec/deployment.hpp"
#include "spec/window.hpp"

namespace shunt {

/// The app file, valid, defaults filled in, durations in milliseconds; nothing in it depends on a version yet.
struct App {
  std::string name;
  std::string file;      ///< as errors name it
  std::string folder;    ///< absolute; relative paths start here
  std::string strategy;  ///< "" : none named
  Value options = Value::object();
  std::int64_t timeout_ms = 3'600'000;
  std::int64_t rollback_timeout_ms = 300'000;
  std::string rollback_mode = "immediate";
  std::int64_t rollback_over_ms = 600'000;  ///< of a gradual one
  Window window;
  std::vector<Check> checks;
  std::vector<Gate> gates;
  std::vector<Channel> channels;
  std::string metrics;
  Value metrics_config;
  Value services;                          ///< name → validated table
  std::vector<std::string> service_order;  ///< launched and switched in this order
  std::vector<Source> sources;
  Value environment;  ///< recorded inputs
  std::vector<std::string> warnings;
};

/// What the app file may hold, without the adapters' own keys.
const Schema& app_schema();

/// Checks a loaded app file. Errors carry file and line where the key's place can be told. `override_env` answers
/// HEALTH_CHECK_TIMEOUT, HEALTH_CHECK_INTERVAL and DRAIN_TIMEOUT.
Result<App> parse_app(const AppFile& file, const std::string& name, const std::string& folder, const Registry& registry,
                      const ReadEnvironment& override_env);

/// The services as they are for one version in one colour: placeholders replaced, paths absolute, ids given.
Services resolve(const App& app, const std::string& version, Colour colour);

/// The gates with {color}, {version}, {app} and {service} replaced.
std::vector<Gate> resolve_gates(const App& app, const std::string& version, Colour colour);

/// SH1011 unless it is at most 63 of [A-Za-z0-9._-].
Result<void> check_version(const std::string& version);

}  // namespace shunt
