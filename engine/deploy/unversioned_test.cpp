// Services that are the same for every version are told, where that can be seen.
#include "deploy/unversioned.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

using namespace shunt;

namespace {

Key key_of(const char* name, Type type, bool versioned) {
  Key key;
  key.name = name;
  key.type = type;
  key.doc = std::string("what ") + name + " is";
  if (versioned) key.versioned = "two releases would be one";
  return key;
}

/// A runtime "crate" with the one versioned key `image`, and a runtime "plan" with `files`, `layers` and `env`.
Registry registry() {
  Adapter<Runtime> crate;
  crate.info.name = "crate";
  crate.info.schema.keys = {key_of("image", Type::string, true), key_of("note", Type::string, false)};
  Adapter<Runtime> plan;
  plan.info.name = "plan";
  auto files = key_of("files", Type::strings, true);
  files.path = true;
  files.in_files = "THE_VERSION";
  auto layers = key_of("layers", Type::per_color, true);
  layers.path = true;
  layers.in_files = files.in_files;
  plan.info.schema.keys = {files, layers, key_of("env", Type::map, true)};
  Adapter<Runtime> bare;
  bare.info.name = "bare";
  bare.info.schema.keys = {key_of("command", Type::string, false)};
  Registry all;
  all.add(std::move(crate));
  all.add(std::move(plan));
  all.add(std::move(bare));
  return all;
}

/// An app file whose services have these runtime tables, in a folder of its own.
class Shelf {
 public:
  Shelf() { std::filesystem::create_directories(folder_); }
  ~Shelf() { std::filesystem::remove_all(folder_); }
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  std::vector<Error> look(const Value& runtimes) {
    AppFile file;
    file.table = {{"app", "shop"}, {"services", Value::object()}};
    for (const auto& [name, runtime] : runtimes.items()) file.table["services"][name] = {{"runtime", runtime}};
    file.sources = {{"shunt.lua", "return {\n  services = {\n    web = {\n      runtime = {\n        image = 'x',\n"}};
    const auto app = parse_app(file, "shunt.lua", folder_.string(), all_, {});
    REQUIRE_MESSAGE(app, (app ? "" : to_paragraph(app.error())));
    return deploy::unversioned_services(*app, all_);
  }

  bool warns(const Value& runtime) { return !look({{"web", runtime}}).empty(); }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("unversioned_test." + std::to_string(::getpid()));
  Registry all_ = registry();
};

}  // namespace

TEST_CASE("a name without the version is told, with its place and what it costs") {
  Shelf shelf;
  const auto found = shelf.look({{"web", {{"type", "crate"}, {"image", "shop:latest"}, {"note", "{version}"}}}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "SH1016");
  CHECK(found[0].message == "services.web.runtime.image does not depend on the version: two releases would be one");
  CHECK(found[0].remedy == "write {version} in it: what image is");
  CHECK(found[0].where.file == "shunt.lua");
  CHECK(found[0].where.line == 5);
}

TEST_CASE("a name with the version or with a digest is none of anybody's business") {
  Shelf shelf;
  CHECK_FALSE(shelf.warns({{"type", "crate"}, {"image", "shop:{version}"}}));
  CHECK_FALSE(shelf.warns({{"type", "crate"}, {"image", "shop@sha256:0123"}}));
  CHECK(shelf.warns({{"type", "crate"}, {"image", "shop:{color}"}}));
  CHECK_FALSE(shelf.warns({{"type", "bare"}, {"command", "serve"}}));
}

TEST_CASE("one key with the version is enough, also one in a file; and a file that is not there tells nothing") {
  Shelf shelf;
  shelf.write("same.yml", "image: shop:latest");
  shelf.write("own.yml", "image: shop:${THE_VERSION}");
  const auto with = [](const char* file, Value more = Value::object()) {
    more["type"] = "plan";
    more["files"] = {file};
    return more;
  };
  const auto found = shelf.look({{"web", with("same.yml")}});
  REQUIRE(found.size() == 1);
  CHECK(found[0].message ==
        "none of files, layers, env in services.web.runtime depends on the version: two releases would be one");
  CHECK(found[0].remedy == "write {version} in one of them, or use THE_VERSION in the files");
  CHECK(shelf.warns(with("same.yml", {{"env", {{"TAG", "latest"}}}})));
  CHECK_FALSE(shelf.warns(with("same.yml", {{"env", {{"TAG", "{version}"}}}})));
  CHECK_FALSE(shelf.warns(with("own.yml")));
  CHECK_FALSE(shelf.warns(with("same.yml", {{"layers", {{"blue", "own.yml"}, {"green", "own.yml"}}}})));
  CHECK_FALSE(shelf.warns(with("missing.yml")));
  CHECK_FALSE(shelf.warns(with("{version}/same.yml")));
}

TEST_CASE("each such service is told") {
  Shelf shelf;
  const Value same = {{"type", "crate"}, {"image", "shop"}};
  const Value other = {{"type", "crate"}, {"image", "shop:{version}"}};
  CHECK(shelf.look({{"api", same}, {"web", other}, {"zoo", same}}).size() == 2);
}
