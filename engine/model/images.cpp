#include "model/images.hpp"

namespace shunt::model {

std::string id_of_image(const Value& made_from) {
  return "sha256:" + sha256(encode(made_from));
}

Task<Result<std::string>> ModelImages::build(Recipe recipe, Told) {
  const Value made_from = {{"image", recipe.image},
                           {"context", recipe.context},
                           {"file", recipe.file},
                           {"target", recipe.target},
                           {"args", recipe.args}};
  auto id = id_of_image(made_from);
  co_return id;
}

Task<Result<void>> ModelImages::tag(std::string, std::string) {
  co_return Result<void>();
}

Task<Result<std::string>> ModelImages::push(std::string image, Told) {
  auto digest = id_of_image({{"image", image}});
  co_return digest;
}

}  // namespace shunt::model
