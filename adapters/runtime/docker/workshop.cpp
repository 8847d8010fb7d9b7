#include "adapters/runtime/docker/workshop.hpp"

#include <utility>

namespace shunt::adapters::docker {

Task<Result<std::string>> Workshop::build(Recipe recipe, Told told) {
  Value args = std::move(recipe.args);
  auto revealed = co_await secrets_.reveal(std::move(args));
  if (!revealed) co_return std::move(revealed).error();
  Build build;
  build.image = std::move(recipe.image);
  build.context = std::move(recipe.context);
  build.file = std::move(recipe.file);
  build.target = std::move(recipe.target);
  build.args = std::move(*revealed);
  build.scratch = folder_;
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  auto id = co_await images_.build(std::move(build), std::move(told));
  co_return id;
}

Task<Result<void>> Workshop::tag(std::string image, std::string as) {
  auto tagged = co_await images_.tag(std::move(image), std::move(as));
  co_return tagged;
}

Task<Result<std::string>> Workshop::push(std::string image, Told told) {
  auto digest = co_await images_.push(std::move(image), std::move(told));
  co_return digest;
}

}  // namespace shunt::adapters::docker
