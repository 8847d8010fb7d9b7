// The images that a Dockerfile starts from.
#pragma once

#include <string_view>
#include <vector>

#include "adapters/runtime/docker/reference.hpp"
#include "shunt/value.hpp"

namespace shunt::adapters::docker {

/// An image that a build needs, and that the engine fetches where it has none.
struct BaseImage {
  Reference name;
  bool of_platform = false;  ///< it says --platform: one of that name may be here, and be another

  BaseImage() = default;
};

/// What FROM and COPY --from name in the text of a Dockerfile (https://docs.docker.com/reference/dockerfile/), in
/// order. The variables of FROM are replaced: by `args`, the build arguments (an object of strings), and by the
/// defaults of the ARG lines above the first FROM. Stages of the build itself and `scratch` are left out, and so is
/// what is no reference: the engine says what is wrong with it.
std::vector<BaseImage> base_images(std::string_view dockerfile, const Value& args);

}  // namespace shunt::adapters::docker
