// The images of one engine: a single, small thing per function.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/runtime/docker/base_images.hpp"
#include "adapters/runtime/docker/context.hpp"
#include "adapters/runtime/docker/credentials.hpp"
#include "adapters/runtime/docker/daemon.hpp"
#include "adapters/runtime/docker/reference.hpp"
#include "shunt/process.hpp"
#include "shunt/runtime.hpp"
#include "shunt/secrets.hpp"

namespace shunt::adapters::docker {

struct Image {
  std::string id;                  ///< "sha256:..."
  std::vector<std::string> names;  ///< its tags, as the engine writes them

  Image() = default;
};

/// What is built, and how.
struct Build {
  std::string image;               ///< the name that it gets
  std::string context;             ///< the folder, absolute
  std::string file;                ///< the Dockerfile, relative to the context; "" is Dockerfile
  std::string target;              ///< the stage to build; "" is the last
  Value args = Value::object();    ///< build arguments, with their secrets
  Value labels = Value::object();  ///< of the image
  bool pull = false;               ///< asks the registry for newer base images, too
  std::filesystem::path scratch;   ///< a folder for the tar of the context

  Build() = default;
};

struct Stream;

/// Failures are those of Daemon, those of parse_reference, and those of the methods. Loop thread only.
class Images {
 public:
  Images(Daemon& daemon, process::Spawner& processes, Secrets& secrets)
      : daemon_(daemon), processes_(processes), secrets_(secrets) {}

  /// By name or id; nothing when the engine has none.
  Task<Result<std::optional<Image>>> find(std::string name);

  /// Fetches it from its registry, with the user's login where there is one. SH1435 when there is none, or the login is
  /// refused; `told` hears of the layers.
  Task<Result<void>> pull(std::string name, Told told);

  /// Whether its registry has it. SH1435 with what the registry says.
  Task<Result<void>> look_up(std::string name);

  /// Its image's id. The engine gets the user's login for each registry that `base_images` names in the Dockerfile and
  /// whose image it would fetch: that is not there, or is for a platform, or `build.pull` is set; no other login is
  /// read. SH1436 with the last lines of what the build printed, SH1410 when `build.image` is no name, SH1411 and
  /// SH1412 for a login that is needed.
  Task<Result<std::string>> build(Build build, Told told);

  /// Sends it to its registry; the digest there. SH1437, SH1410 for a name with a digest.
  Task<Result<std::string>> push(std::string name, Told told);

  /// Gives `from` another name; twice is the same as once. SH1438 when there is no `from`, SH1410 when `to` is no name.
  Task<Result<void>> tag(std::string from, std::string to);

  /// Takes a name away, and the image with its last one. False where a container still needs it.
  Task<Result<bool>> remove(std::string name);

 private:
  Task<Result<Login>> login_at(std::string domain);
  Task<Result<http::Headers>> login(Reference reference);
  Task<Result<http::Headers>> logins(std::vector<BaseImage> bases, bool pull);
  Task<Result<std::string>> transfer(Ask ask, std::shared_ptr<Stream> stream, Told told);

  Task<Result<std::string>> send_build(Build build, ContextFile packed, Told told);

  Daemon& daemon_;
  process::Spawner& processes_;
  Secrets& secrets_;
};

}  // namespace shunt::adapters::docker
