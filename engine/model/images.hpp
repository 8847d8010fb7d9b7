// Images in memory: everything succeeds, and what it gives is made up.
#pragma once

#include <string>

#include "shunt/image.hpp"

namespace shunt::model {

/// "sha256:..." of what an image is made from: the same for the same.
std::string id_of_image(const Value& made_from);

/// Deterministic, keeps nothing, never waits.
class ModelImages : public Images {
 public:
  Task<Result<std::string>> build(Recipe recipe, Told told) override;
  Task<Result<void>> tag(std::string image, std::string as) override;
  Task<Result<std::string>> push(std::string image, Told told) override;
};

}  // namespace shunt::model
