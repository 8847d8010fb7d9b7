#include "adapters/runtime/compose/project.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace shunt::adapters::compose {

namespace {

using Words = std::vector<std::string>;

InstanceSpec spec_of_rag() {
  InstanceSpec spec;
  spec.id = "tale-rag-green-0";
  spec.labels.app = "tale";
  spec.labels.service = "rag";
  spec.labels.color = Colour::green;
  spec.labels.version = "v2";
  spec.labels.run = "r$1";
  spec.config = {{"files", {"/srv/compose.yml"}},
                 {"overlay", {{"blue", {"/srv/compose.blue.yml"}}, {"green", {"/srv/compose.green.yml"}}}},
                 {"project", "tale-green"}};
  return spec;
}

TEST_CASE("a color has a project of its own, with the base and its overlay") {
  const auto project = project_of(spec_of_rag());
  CHECK(project.name == "tale-green");
  CHECK(project.service == "rag");
  CHECK(project.files == Words{"/srv/compose.yml", "/srv/compose.green.yml"});
  CHECK(project.folder == "/srv");
  CHECK(command_of(Dialect::v2, project, {"/x.json"}) == Words{"docker", "compose", "--project-name", "tale-green",
                                                               "--file", "/srv/compose.yml", "--file",
                                                               "/srv/compose.green.yml", "--file", "/x.json"});
  CHECK(command_of(Dialect::v1, project, {}).front() == "docker-compose");
}

TEST_CASE("version and color are always variables, and secrets and numbers come as they are") {
  const auto variables = variables_of(spec_of_rag(), {{"TAG", "v2"}, {"COUNT", 3}});
  CHECK(variables.at("SHUNT_VERSION") == "v2");
  CHECK(variables.at("SHUNT_COLOR") == "green");
  CHECK(variables.at("TAG") == "v2");
  CHECK(variables.at("COUNT") == "3");
}

TEST_CASE("the further file has the labels, the release's image and the signal, and no variable of its own") {
  auto spec = spec_of_rag();
  auto file = Value::parse(override_of(spec, "shunt/tale-rag:r1", ""));
  CHECK(file["services"]["rag"]["image"] == "shunt/tale-rag:r1");
  CHECK(file["services"]["rag"]["labels"]["shunt.instance"] == "tale-rag-green-0");
  CHECK(file["services"]["rag"]["labels"]["shunt.run"] == "r$$1");
  CHECK_FALSE(file["services"]["rag"].contains("stop_signal"));
  CHECK_FALSE(file.contains("version"));
  spec.stop_signal = 2;
  spec.config["service"] = "worker";
  file = Value::parse(override_of(spec, "", "3.8"));
  CHECK(file["services"]["worker"]["stop_signal"] == "2");
  CHECK_FALSE(file["services"]["worker"].contains("image"));
  CHECK(file["version"] == "3.8");
}

TEST_CASE("a file's version is found where it is said") {
  const auto file = std::filesystem::temp_directory_path() / ("shunt-compose-" + std::to_string(::getpid()));
  for (const auto& [text, version] : {std::pair{"version: \"3.8\"  # old\nservices: {}\n", "3.8"},
                                      std::pair{"services:\n  web:\n    version: 2\n", ""}, std::pair{"", ""}}) {
    std::ofstream(file, std::ios::trunc) << text;
    CHECK(version_in(file) == version);
  }
  std::filesystem::remove(file);
  CHECK(version_in(file).empty());
}

TEST_CASE("Compose's own description of the files is understood") {
  const auto described =
      described_in("name: x\nservices:\n  rag:\n    image: rag:v2\n  web:\n    build:\n      context: /srv\n", "rag");
  REQUIRE(described.has_value());
  CHECK(described->has_service);
  CHECK(described->image == "rag:v2");
  CHECK_FALSE(described->builds);
  CHECK(described->services == Words{"rag", "web"});
  const auto built = described_in("services: { web: { build: . } }", "web");
  CHECK(built->builds);
  CHECK(built->image.empty());
  CHECK_FALSE(described_in("services: { web: {} }", "rag")->has_service);
  for (const char* bad : {"", "services: 7", "[", "services: [a]", "just words", "\t{"})
    CHECK_FALSE(described_in(bad, "web").has_value());
}

}  // namespace

}  // namespace shunt::adapters::compose
