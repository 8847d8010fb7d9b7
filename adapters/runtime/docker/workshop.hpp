// The images that scripts build, name and push themselves.
#pragma once

#include <filesystem>

#include "adapters/runtime/docker/images.hpp"
#include "shunt/image.hpp"

namespace shunt::adapters::docker {

/// What scripts ask for, in terms of the engine's images. Failures are those of docker::Images, and SH1009 where a
/// secret of the build arguments cannot be read.
class Workshop : public shunt::Images {
 public:
  /// `folder` holds the tar of a build for as long as that is sent.
  Workshop(docker::Images& images, Secrets& secrets, std::filesystem::path folder)
      : images_(images), secrets_(secrets), folder_(std::move(folder)) {}

  Task<Result<std::string>> build(Recipe recipe, Told told) override;
  Task<Result<void>> tag(std::string image, std::string as) override;
  Task<Result<std::string>> push(std::string image, Told told) override;

 private:
  docker::Images& images_;
  Secrets& secrets_;
  std::filesystem::path folder_;
};

}  // namespace shunt::adapters::docker
