// The images that instances are started from: fetched, built, kept for a rollback, and cleared up.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <cstdlib>
#include <fstream>

#include "adapters/conformance/runtime_docker_bench.hpp"
#include "adapters/runtime/docker/images.hpp"
#include "harness/image_registry.hpp"
#include "shunt/image.hpp"

namespace shunt::conformance {

namespace {

/// A variable of the environment for as long as a test runs.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

class Shelf : public DockerBench {
 public:
  explicit Shelf(harness::ContainerEngine& of = docker_engine())
      : DockerBench(of), config_("DOCKER_CONFIG", of.environment().at("DOCKER_CONFIG")) {}
  ~Shelf() override {
    for (const auto& name : {"shunt/*", "shelf*", "*/shelf*"}) {
      std::istringstream names(engine().docker(
          {"images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", fmt::format("reference={}", name)}));
      for (std::string one; names >> one;) engine().run({"docker", "rmi", "-f", one});
    }
  }

  InstanceSpec spec_of(const std::string& release, const std::string& image) {
    auto spec = command("shop-web-blue-0", {"sleep", "1000"});
    spec.release = release;
    spec.labels.run = release;
    spec.config["image"] = image;
    return spec;
  }

  Value prepared(const InstanceSpec& spec) {
    auto done = run(runtime().prepare(spec, {}));
    const std::string problem = done ? "" : to_paragraph(done.error());
    INFO(problem);
    REQUIRE(bool(done));
    return *done;
  }

  Error refused(const InstanceSpec& spec) {
    auto done = run(runtime().prepare(spec, {}));
    REQUIRE_FALSE(bool(done));
    CHECK_FALSE(done.error().remedy.empty());
    return done.error();
  }

  /// Another image of that name: its id.
  std::string make(const std::string& name, const std::string& mark) {
    auto image = harness::instance_image(name);
    image.changes.push_back("ENV MARK=" + mark);
    engine().import_image(image);
    return id_of(name);
  }

  std::string id_of(const std::string& name) {
    const auto ran = engine().run({"docker", "image", "inspect", "--format", "{{.Id}}", name});
    return ran.code() == 0 ? ran.out.substr(0, ran.out.find('\n')) : "";
  }

  void start(const InstanceSpec& spec) {
    const auto started = run(runtime().ensure(spec));
    const std::string problem = started ? "" : to_paragraph(started.error());
    INFO(problem);
    REQUIRE(bool(started));
  }

 private:
  Variable config_;
};

TEST_CASE("an image that is missing is pulled once, with progress, and kept under a second name") {
  Shelf shelf;
  harness::TemporaryFolder folder;
  const harness::ImageRegistry registry(folder);
  const auto name = registry.image("shelf:v1");
  const auto id = shelf.make(name, "one");
  shelf.engine().docker({"push", name});
  shelf.engine().docker({"rmi", name});
  std::vector<std::string> told;
  const auto spec = shelf.spec_of("20260101-1", name);
  const auto pulled = shelf.run(shelf.runtime().prepare(spec, [&](const std::string& text) { told.push_back(text); }));
  REQUIRE(bool(pulled));
  CHECK((*pulled)["how"] == "pulled");
  CHECK((*pulled)["id"] == id);
  REQUIRE_FALSE(told.empty());
  CHECK(told.back().find("pulling " + name) == 0);
  CHECK(shelf.prepared(spec)["how"] == "here");
  CHECK(shelf.id_of("shunt/shop-web:20260101-1") == id);
  shelf.start(spec);

  auto always = shelf.spec_of("20260101-2", name);
  always.config["pull"] = "always";
  CHECK(shelf.prepared(always)["how"] == "pulled");
  CHECK(shelf.prepared(shelf.spec_of("20260101-3", name))["how"] == "here");
}

TEST_CASE("what a registry does not have, or does not give, is said with what to do") {
  Shelf shelf;
  harness::TemporaryFolder folder;
  const harness::ImageRegistry open(folder);
  const harness::ImageRegistry closed(folder, {"harbour", "correct horse", "closed"});
  CHECK(shelf.refused(shelf.spec_of("r", open.image("shelf:none"))).remedy.find("push it first") == 0);
  auto never = shelf.spec_of("r", open.image("shelf:none"));
  never.config["pull"] = "never";
  CHECK(shelf.refused(never).code == "SH1435");
  CHECK(shelf.refused(shelf.spec_of("r", "Not An Image")).code == "SH1410");

  const auto name = closed.image("shelf:v1");
  shelf.make(name, "one");
  shelf.engine().log_in(closed.address(), "harbour", "correct horse");
  shelf.engine().docker({"push", name});
  shelf.engine().docker({"rmi", name});
  shelf.engine().log_in(closed.address(), "harbour", "wrong horse");
  const auto wrong = shelf.refused(shelf.spec_of("r", name));
  CHECK(wrong.code == "SH1435");
  CHECK(wrong.remedy.find("docker login " + closed.address()) != std::string::npos);
  CHECK(to_paragraph(wrong).find("wrong horse") == std::string::npos);
  auto looked = shelf.run(shelf.runtime().examine(shelf.spec_of("r", name)));
  REQUIRE_FALSE(bool(looked));
  CHECK(looked.error().code == "SH1409");
  shelf.engine().log_in(closed.address(), "harbour", "correct horse");
  CHECK(bool(shelf.run(shelf.runtime().examine(shelf.spec_of("r", name)))));
  CHECK(shelf.prepared(shelf.spec_of("r", name))["how"] == "pulled");
}

TEST_CASE("a release starts its own image, whatever its name means by then") {
  Shelf shelf;
  const auto old_id = shelf.make("shelf:latest", "old");
  const auto first = shelf.spec_of("20260101-1", "shelf:latest");
  shelf.prepared(first);
  const auto new_id = shelf.make("shelf:latest", "new");
  REQUIRE(new_id != old_id);
  shelf.start(first);
  CHECK(shelf.engine().inspect(first.id, "{{.Image}}") == old_id);
  REQUIRE(bool(shelf.run(shelf.runtime().stop(first.id, Milliseconds(0)))));

  auto second = shelf.spec_of("20260101-2", "shelf:latest");
  shelf.prepared(second);
  shelf.start(second);
  CHECK(shelf.engine().inspect(second.id, "{{.Image}}") == new_id);
  CHECK(shelf.engine().inspect(second.id, "{{.Config.Image}}") == "shelf:latest");
  REQUIRE(bool(shelf.run(shelf.runtime().stop(second.id, Milliseconds(0)))));

  shelf.engine().docker({"rmi", "shunt/shop-web:20260101-1"});
  CHECK(shelf.refused(first).code == "SH1439");
}

TEST_CASE("an image is built without a network, with its arguments, and without what is ignored") {
  Shelf shelf;
  harness::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "context");
  std::filesystem::copy_file("/bin/busybox", folder / "context/busybox");
  folder.write(
      "context/Dockerfile",
      "FROM scratch\nARG WORD\nCOPY . /\nENV WORD=$WORD\nCMD [\"/busybox\", \"sh\", \"-c\", \"echo $WORD; /busybox "
      "ls /; /busybox sleep 1000\"]\n");
  folder.write("context/.dockerignore", "secret*\n");
  folder.write("context/secret.txt", "hush");
  folder.write("context/page", "page");
  shelf.secrets().values["WORD"] = "built";
  auto spec = shelf.spec_of("20260101-1", "shelf:built");
  spec.config.erase("command");
  spec.config["build"] = {{"context", (folder / "context").string()},
                          {"args", {{"WORD", {{"$secret", {{"env", "WORD"}}}}}}}};
  CHECK(shelf.prepared(spec)["how"] == "built");
  CHECK(shelf.prepared(spec)["how"] == "here");
  CHECK(shelf.engine().docker(
            {"image", "inspect", "--format", "{{index .Config.Labels \"shunt.version\"}}", "shelf:built"}) == "v1");
  shelf.start(spec);
  std::string printed;
  CHECK(shelf.eventually([&] {
    printed = *shelf.run(shelf.runtime().logs(spec.id, 50));
    return printed.find("sys\n") != std::string::npos;
  }));
  CHECK(printed.find("built\n") == 0);
  CHECK(printed.find("page\n") != std::string::npos);
  CHECK(printed.find("secret.txt") == std::string::npos);

  folder.write("context/Dockerfile", "FROM scratch\nCOPY nothing /\n");
  auto failing = spec;
  failing.release = "20260101-2";
  const auto error = shelf.refused(failing);
  CHECK(error.code == "SH1436");
  CHECK(error.message.find("nothing") != std::string::npos);
  CHECK(error.evidence["output"].get<std::string>().find("COPY nothing") != std::string::npos);
  CHECK(std::filesystem::is_empty(folder / "context") == false);
}

TEST_CASE("a script builds, names and pushes an image, which the next deployment pulls") {
  Shelf shelf;
  harness::TemporaryFolder folder;
  const harness::ImageRegistry registry(folder);
  const auto name = registry.image("shelf:script");
  std::filesystem::create_directories(folder / "context");
  std::filesystem::copy_file("/bin/busybox", folder / "context/busybox");
  folder.write("context/Dockerfile.shelf",
               "FROM scratch AS kept\nARG WORD\nCOPY busybox /busybox\nENV WORD=$WORD\n"
               "CMD [\"/busybox\", \"sh\", \"-c\", \"echo $WORD; /busybox sleep 1000\"]\n"
               "FROM kept\nCOPY nothing /\n");
  shelf.secrets().values["WORD"] = "hush";
  Images& images = *shelf.runtime().images();
  Recipe recipe;
  recipe.image = "shelf:mine";
  recipe.context = (folder / "context").string();
  recipe.file = "Dockerfile.shelf";
  recipe.target = "kept";
  recipe.args = {{"WORD", {{"$secret", {{"env", "WORD"}}}}}};
  std::vector<std::string> told;
  const Told tell = [&](const std::string& text) { told.push_back(text); };
  const auto built = shelf.run(images.build(recipe, tell));
  REQUIRE_MESSAGE(bool(built), to_paragraph(built ? Error() : built.error()));
  CHECK(*built == shelf.id_of("shelf:mine"));
  CHECK_FALSE(told.empty());
  CHECK(shelf.run(images.build(recipe, {})).value() == *built);
  REQUIRE(bool(shelf.run(images.tag("shelf:mine", name))));
  REQUIRE(bool(shelf.run(images.tag("shelf:mine", name))));
  const auto pushed = shelf.run(images.push(name, tell));
  REQUIRE_MESSAGE(bool(pushed), to_paragraph(pushed ? Error() : pushed.error()));
  CHECK(pushed->starts_with("sha256:"));
  CHECK(told.back().find("pushing " + name) == 0);
  CHECK(shelf.run(images.push(name, {})).value() == *pushed);

  shelf.engine().docker({"rmi", name, "shelf:mine"});
  auto spec = shelf.spec_of("20260101-1", name);
  spec.config.erase("command");
  CHECK(shelf.prepared(spec)["how"] == "pulled");
  CHECK(shelf.id_of(name) == *built);
  shelf.start(spec);
  CHECK(shelf.eventually([&] { return shelf.run(shelf.runtime().logs(spec.id, 5)).value() == "hush\n"; }));
}

TEST_CASE("what a script can neither build, name nor push is said with what to do") {
  Shelf shelf;
  harness::TemporaryFolder folder;
  const harness::ImageRegistry closed(folder, {"harbour", "correct horse", "closed"});
  Images& images = *shelf.runtime().images();
  folder.write("Dockerfile", "FROM scratch\nCOPY nothing /\n");
  Recipe recipe;
  recipe.image = "shelf:mine";
  recipe.context = folder.path().string();
  const auto built = shelf.run(images.build(recipe, {}));
  REQUIRE_FALSE(bool(built));
  CHECK(built.error().code == "SH1436");
  recipe.image = "Not An Image";
  CHECK(shelf.run(images.build(recipe, {})).error().code == "SH1410");
  CHECK(shelf.run(images.tag("shelf:none", "shelf:mine")).error().code == "SH1438");
  CHECK(shelf.run(images.tag("shelf:none", "shelf@sha256:" + std::string(64, '0'))).error().code == "SH1410");
  CHECK(shelf.run(images.push("shelf@sha256:" + std::string(64, '0'), {})).error().code == "SH1410");
  const auto name = closed.image("shelf:v1");
  shelf.make(name, "one");
  const auto pushed = shelf.run(images.push(name, {}));
  REQUIRE_FALSE(bool(pushed));
  CHECK(pushed.error().code == "SH1437");
  CHECK(pushed.error().remedy.find("docker login " + closed.address()) != std::string::npos);
}

TEST_CASE("a base image is fetched from a closed registry with the user's login, which no other build is given") {
  for (auto* engine : {&docker_engine, &podman_engine}) {
    Shelf shelf(engine());
    harness::TemporaryFolder folder;
    const harness::ImageRegistry closed(folder, {"harbour", "correct horse", "closed"});
    const auto log_in = [&](const char* password) { shelf.engine().log_in(closed.address(), "harbour", password); };
    const auto base = closed.image("shelf:base");
    shelf.make(base, "one");
    log_in("correct horse");
    shelf.engine().docker({"push", base});
    folder.write("Dockerfile", "ARG AT\nFROM $AT/shelf:base\nENV WORD=built\n");
    Recipe recipe;
    recipe.image = "shelf:mine";
    recipe.context = folder.path().string();
    recipe.args = {{"AT", closed.address()}};
    const auto build = [&] { return shelf.run(shelf.runtime().images()->build(recipe, {})); };

    log_in("wrong horse");
    CHECK(bool(build()));  // it is here
    CHECK(shelf.secrets().mask("wrong horse") == "wrong horse");
    shelf.engine().docker({"rmi", "shelf:mine", base});
    const auto check_refused = [&] {
      const auto refused = build();
      REQUIRE_FALSE(bool(refused));
      const auto paragraph = to_paragraph(refused.error());
      INFO(paragraph);
      CHECK(refused.error().code == "SH1436");
      CHECK(refused.error().remedy.find("`docker login " + closed.address() + "`") != std::string::npos);
      CHECK(to_text(to_value(refused.error())).find("horse") == std::string::npos);
    };
    check_refused();
    CHECK(shelf.secrets().mask("wrong horse") == "***");
    std::filesystem::remove(std::filesystem::path(shelf.engine().environment().at("DOCKER_CONFIG")) / "config.json");
    check_refused();

    log_in("correct horse");
    const auto built = build();
    REQUIRE_MESSAGE(bool(built), to_paragraph(built ? Error() : built.error()));
    CHECK(*built == shelf.id_of("shelf:mine"));
    CHECK_FALSE(shelf.id_of(base).empty());
  }
}

TEST_CASE("images of releases that nobody goes back to are removed, and nothing else") {
  Shelf shelf;
  harness::TemporaryFolder folder;
  const harness::ImageRegistry registry(folder);
  std::vector<std::string> names;
  for (int i = 1; i <= 4; ++i) {
    names.push_back(registry.image(fmt::format("shelf:v{}", i)));
    shelf.make(names.back(), fmt::format("v{}", i));
    shelf.engine().docker({"push", names.back()});
    if (i != 2) shelf.engine().docker({"rmi", names.back()});  // v2 was there before
  }
  const auto release = [](int i) { return fmt::format("20260101-{}", i); };
  for (int i = 1; i <= 4; ++i) shelf.prepared(shelf.spec_of(release(i), names[static_cast<std::size_t>(i - 1)]));
  Wanted wanted;
  wanted.app = "shop";
  wanted.in_use = {release(4)};
  wanted.earlier = {release(4), release(3), release(2), release(1)};
  CHECK(shelf.run(shelf.runtime().surplus(wanted)).value() == std::vector<std::string>{names[0]});  // keep = 3
  Wanted nobody = wanted;
  nobody.app = "bank";
  CHECK(shelf.run(shelf.runtime().surplus(nobody)).value().empty());

  const auto removed = shelf.run(shelf.runtime().prune(wanted));
  REQUIRE(bool(removed));
  CHECK(*removed == std::vector<std::string>{"shunt/shop-web:" + release(1), names[0]});
  CHECK(shelf.id_of(names[0]).empty());
  CHECK_FALSE(shelf.id_of("shunt/shop-web:" + release(2)).empty());
  CHECK(shelf.run(shelf.runtime().prune(wanted)).value().empty());

  wanted.earlier = {release(4)};  // 2 and 3 were bad
  const auto more = shelf.run(shelf.runtime().prune(wanted));
  REQUIRE(bool(more));
  CHECK(shelf.id_of(names[2]).empty());
  CHECK_FALSE(shelf.id_of(names[1]).empty());  // somebody else's
  CHECK(shelf.id_of("shunt/shop-web:" + release(2)).empty());
  CHECK_FALSE(shelf.id_of(names[3]).empty());
}

TEST_CASE("an image that a container still runs from stays") {
  Shelf shelf;
  harness::TemporaryFolder folder;
  const harness::ImageRegistry registry(folder);
  const auto name = registry.image("shelf:v1");
  shelf.make(name, "one");
  shelf.engine().docker({"push", name});
  shelf.engine().docker({"rmi", name});
  const auto spec = shelf.spec_of("20260101-1", name);
  shelf.prepared(spec);
  shelf.start(spec);
  Wanted wanted;
  wanted.app = "shop";
  const auto removed = shelf.run(shelf.runtime().prune(wanted));
  REQUIRE(bool(removed));
  CHECK_FALSE(shelf.id_of(name).empty());
  REQUIRE(bool(shelf.run(shelf.runtime().stop(spec.id, Milliseconds(0)))));
  REQUIRE(bool(shelf.run(shelf.runtime().prune(wanted))));
  CHECK(shelf.id_of(name).empty());
}

}  // namespace

}  // namespace shunt::conformance
