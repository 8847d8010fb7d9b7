// One Compose project per color, over the user's own files: what is said to the compose command. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shunt/runtime.hpp"
#include "shunt/value.hpp"

namespace shunt::adapters::compose {

/// Which of the two commands there is.
enum class Dialect {
  v2,  ///< `docker compose`
  v1,  ///< `docker-compose`
};

struct Project {
  std::string name;                ///< "shop-green"
  std::string service;             ///< as the files call it
  std::vector<std::string> files;  ///< base, then the overlay of the color; absolute
  std::string folder;              ///< of the app file

  Project() = default;
};

Project project_of(const InstanceSpec& spec);

/// The command line, up to the verb: `docker compose -p shop-green -f ... -f ...`. `more` are further files.
std::vector<std::string> command_of(Dialect dialect, const Project& project, const std::vector<std::string>& more);

/// What the files may use besides this program's own environment: the spec's `env`, SHUNT_VERSION and SHUNT_COLOR.
std::map<std::string, std::string> variables_of(const InstanceSpec& spec, const Value& environment);

/// A further file, in JSON (which is YAML): the labels of the instance, the image that the release was started from,
/// and how to end it. `version` is what the other files say ("3.8"), "" for nothing.
std::string override_of(const InstanceSpec& spec, const std::string& image, const std::string& version);

/// What a file's `version:` line says, "" without one. The older command wants it to be the same in every file.
std::string version_in(const std::string& file);

/// What the project says of one service, of the output of `config`: the files put together.
struct Described {
  std::string image;  ///< "" where it is only built: then it is called PROJECT_SERVICE or PROJECT-SERVICE
  bool builds = false;
  bool has_service = false;
  std::vector<std::string> services;  ///< all that there are

  Described() = default;
};

/// Nothing when it is no Compose configuration.
std::optional<Described> described_in(const std::string& yaml, const std::string& service);

}  // namespace shunt::adapters::compose
