// What a runtime can do with container images on behalf of a script: build them, name them, send them to a registry.
#pragma once

#include <string>

#include "shunt/error.hpp"
#include "shunt/runtime.hpp"
#include "shunt/task.hpp"
#include "shunt/value.hpp"

namespace shunt {

/// What an image is built from.
struct Recipe {
  std::string image;             ///< the name that it gets
  std::string context;           ///< the folder, absolute
  std::string file;              ///< what says how, from the context on; "": where the engine looks by itself
  std::string target;            ///< the stage to build; "": the last
  Value args = Value::object();  ///< build arguments; secrets as handles, read when they are sent

  Recipe() = default;
};

/// Belongs to its runtime and works where that keeps its instances. For each method twice is the same as once. Failures
/// are kind adapter, and name the image and what the engine or the registry said; kind config where a name is none.
/// Loop thread only; cancelling gives the work up, and what was done of it stays.
class Images {
 public:
  virtual ~Images() = default;

  /// Builds it; its id ("sha256:..."). `told` hears of the steps, and may be empty.
  virtual Task<Result<std::string>> build(Recipe recipe, Told told) = 0;

  /// Gives an image that is there another name, which may have meant another one before.
  virtual Task<Result<void>> tag(std::string image, std::string as) = 0;

  /// Sends it to the registry in its name, with the user's login where there is one; its digest there. `told` hears of
  /// the layers, and may be empty.
  virtual Task<Result<std::string>> push(std::string image, Told told) = 0;
};

}  // namespace shunt
