#include <filesystem>

#include "effects/live.hpp"

namespace shunt::effects {

namespace {

Outcome named(const char* name, const Result<std::string>& result) {
  return result ? Outcome(Value{{name, *result}}) : Outcome(result.error());
}

}  // namespace

Task<Outcome> Live::image_build(Call call) {
  auto images = fleet_.images(call.args.value("service", ""));
  if (!images) {
    Outcome no(images.error());
    co_return std::move(no);
  }
  const std::filesystem::path folder = fleet_.deployment().folder;
  Recipe recipe;
  recipe.image = call.args.value("image", "");
  recipe.context = (folder / call.args.value("context", "")).lexically_normal().string();
  recipe.file = call.args.value("file", "");
  recipe.target = call.args.value("target", "");
  recipe.args = call.args.value("args", Value::object());
  auto told = teller(call);
  auto built = co_await (*images)->build(std::move(recipe), std::move(told));
  Outcome outcome = named("id", built);
  co_return std::move(outcome);
}

Task<Outcome> Live::image_tag(Call call) {
  auto images = fleet_.images(call.args.value("service", ""));
  if (!images) {
    Outcome no(images.error());
    co_return std::move(no);
  }
  std::string image = call.args.value("image", "");
  std::string as = call.args.value("as", "");
  auto tagged = co_await (*images)->tag(std::move(image), std::move(as));
  Outcome outcome = tagged ? Outcome() : Outcome(tagged.error());
  co_return std::move(outcome);
}

Task<Outcome> Live::image_push(Call call) {
  auto images = fleet_.images(call.args.value("service", ""));
  if (!images) {
    Outcome no(images.error());
    co_return std::move(no);
  }
  std::string image = call.args.value("image", "");
  auto told = teller(call);
  auto pushed = co_await (*images)->push(std::move(image), std::move(told));
  Outcome outcome = named("digest", pushed);
  co_return std::move(outcome);
}

}  // namespace shunt::effects
