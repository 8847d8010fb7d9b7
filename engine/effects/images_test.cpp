// Images that a script builds and pushes: who does it, with what, and what comes of it.
#include <doctest/doctest.h>

#include "deploy/test_rig.hpp"
#include "effects/live.hpp"
#include "effects/plan.hpp"
#include "loop/run.hpp"
#include "model/runtime.hpp"

using namespace shunt;
using deploy::test::code_of;

namespace {

struct SilentClient : http::Client {
  Task<Result<http::Response>> send(http::Request) override {
    co_return Error("SH1701", Kind::adapter, "nobody is there");
  }
};

struct SilentSpawner : process::Spawner {
  Task<Result<process::Finished>> run(process::Command) override {
    co_return Error("SH1711", Kind::adapter, "there are no programs");
  }
};

/// Remembers what it is asked for.
struct Bench : Images {
  std::vector<std::string> asked;
  Recipe built;

  Task<Result<std::string>> build(Recipe recipe, Told told) override {
    asked.push_back("build " + recipe.image);
    built = std::move(recipe);
    if (told) told("building: step 1/2");
    co_return std::string("sha256:built");
  }
  Task<Result<void>> tag(std::string image, std::string as) override {
    asked.push_back("tag " + image + " " + as);
    co_return Result<void>();
  }
  Task<Result<std::string>> push(std::string image, Told) override {
    asked.push_back("push " + image);
    if (image == "refused") co_return Error("SH1437", Kind::adapter, "the registry says no");
    co_return std::string("sha256:pushed");
  }
};

struct RuntimeWith : model::ModelRuntime {
  explicit RuntimeWith(Images* images) : ModelRuntime([] { return std::int64_t{1}; }), images_of_it(images) {}
  Images* images() override { return images_of_it; }
  Images* images_of_it;
};

/// "web" runs without images, "yard" and "zoo" each with images of their own.
struct Yard {
  Yard() {
    deployment = deploy::test::two_versions({"web", "yard", "zoo"});
    deployment.folder = "/srv/shop";
    for (auto* side : {&deployment.next, &deployment.prior})
      for (auto& service : side->services) service.runtime = service.name;
    add("web", nullptr);
    add("yard", &yard);
    add("zoo", &zoo);
    live.watcher([this](const Event& event) { told.push_back(event); });
  }

  void add(const std::string& name, Images* images) {
    Adapter<Runtime> adapter;
    adapter.info.name = name;
    adapter.make = [images](Context&, const Value&) { return std::make_unique<RuntimeWith>(images); };
    registry.add(std::move(adapter));
  }

  Outcome perform(effects::Effects& effects, const std::string& verb, Value args) {
    return loop::run(loop, effects.perform(Call(verb, std::move(args))));
  }
  Outcome perform(const std::string& verb, Value args) { return perform(live, verb, std::move(args)); }

  Deployment deployment;
  Bench yard;
  Bench zoo;
  std::vector<Event> told;
  asio::io_context loop;
  SilentClient http;
  SilentSpawner commands;
  deploy::test::TestSecrets secrets;
  Registry registry;
  Context context{http, commands, secrets, "", ""};
  effects::Fleet fleet{deployment, context, registry};
  effects::Live live{fleet, effects::Stamp{"this-run", 1}};
};

}  // namespace

TEST_CASE("an image is built, named and pushed by the first service that has some, or by the one that is named") {
  Yard it;
  CHECK(it.perform("image.build", {{"image", "shop:v2"}, {"context", "."}}).value == Value{{"id", "sha256:built"}});
  CHECK(code_of(it.perform("image.tag", {{"image", "shop:v2"}, {"as", "shop:latest"}})).empty());
  CHECK(it.perform("image.push", {{"image", "shop:v2"}, {"service", "zoo"}}).value ==
        Value{{"digest", "sha256:pushed"}});
  CHECK(it.yard.asked == std::vector<std::string>{"build shop:v2", "tag shop:v2 shop:latest"});
  CHECK(it.zoo.asked == std::vector<std::string>{"push shop:v2"});
  CHECK(code_of(it.perform("image.push", {{"image", "refused"}})) == "SH1437");
}

TEST_CASE("a build gets what the script says; its folder starts at the app file's, and secrets stay handles") {
  Yard it;
  const Value key = {{"$secret", {{"file", "key"}}}};
  it.perform("image.build", {{"image", "shop:v2"},
                             {"context", "./web/"},
                             {"file", "Dockerfile.web"},
                             {"target", "slim"},
                             {"args", {{"KEY", key}}}});
  CHECK(it.yard.built.context == "/srv/shop/web/");
  CHECK(it.yard.built.file == "Dockerfile.web");
  CHECK(it.yard.built.target == "slim");
  CHECK(it.yard.built.args["KEY"] == key);
  it.perform("image.build", {{"image", "shop:v2"}, {"context", "/elsewhere"}});
  CHECK(it.yard.built.context == "/elsewhere");
  REQUIRE(it.told.size() == 2);
  CHECK(it.told[0].fields["step"] == "image.build");
  CHECK(it.told[0].fields["state"] == "progress");
  CHECK(it.told[0].fields["args"]["image"] == "shop:v2");
  CHECK(it.told[0].fields["text"] == "building: step 1/2");
}

TEST_CASE("where nothing is started from images, none can be built, and a plan says so, too") {
  Yard it;
  effects::Plan plan(it.fleet);
  for (const auto* verb : {"image.build", "image.tag", "image.push"}) {
    INFO(verb);
    const auto outcome = it.perform(verb, {{"image", "shop:v2"}, {"service", "web"}});
    REQUIRE(code_of(outcome) == "SH1442");
    CHECK(outcome.error->kind == Kind::config);
    CHECK(outcome.error->message.find("web") != std::string::npos);
    CHECK(code_of(it.perform(plan, verb, {{"image", "shop:v2"}, {"service", "web"}})) == "SH1442");
    CHECK(code_of(it.perform(verb, {{"image", "shop:v2"}, {"service", "nobody"}})) == "SH1905");
  }
  for (auto* side : {&it.deployment.next, &it.deployment.prior}) side->services.resize(1);
  CHECK(code_of(it.perform("image.push", {{"image", "shop:v2"}})) == "SH1442");
}

TEST_CASE("a plan asks no engine, and makes up the same for the same") {
  Yard it;
  effects::Plan plan(it.fleet);
  const auto id = it.perform(plan, "image.build", {{"image", "shop:v2"}, {"context", "."}}).value["id"];
  CHECK(id.get<std::string>().starts_with("sha256:"));
  CHECK(id == it.perform(plan, "image.build", {{"image", "shop:v2"}, {"context", "."}}).value["id"]);
  CHECK(id != it.perform(plan, "image.build", {{"image", "shop:v3"}, {"context", "."}}).value["id"]);
  CHECK(code_of(it.perform(plan, "image.tag", {{"image", "shop:v2"}, {"as", "shop:latest"}})).empty());
  CHECK(it.perform(plan, "image.push", {{"image", "shop:v2"}}).value.contains("digest"));
  CHECK(it.yard.asked.empty());
}
