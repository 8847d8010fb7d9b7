#include "adapters/runtime/compose/project.hpp"

#include <yaml-cpp/yaml.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

#include "adapters/runtime/docker/labels.hpp"

namespace shunt::adapters::compose {

namespace {

std::vector<std::string> strings_of(const Value& list) {
  return list.is_array() ? list.get<std::vector<std::string>>() : std::vector<std::string>();
}

/// "version: '3.8'" of a file's first level.
std::string version_on(std::string line) {
  const std::string key = "version:";
  if (!line.starts_with(key)) return "";
  line.erase(0, key.size());
  std::string version;
  for (const char letter : line) {
    if (letter == '#') break;
    if ((letter >= '0' && letter <= '9') || letter == '.') version += letter;
  }
  return version;
}

}  // namespace

Project project_of(const InstanceSpec& spec) {
  Project project;
  project.name = spec.config.value("project", "");
  project.service = spec.config.value("service", spec.labels.service);
  project.files = strings_of(spec.config.value("files", Value()));
  const auto overlay = spec.config.value("overlay", Value::object());
  for (auto& file : strings_of(overlay.value(text_of(spec.labels.color), Value())))
    project.files.push_back(std::move(file));
  if (!project.files.empty()) project.folder = std::filesystem::path(project.files.front()).parent_path().string();
  return project;
}

std::vector<std::string> command_of(Dialect dialect, const Project& project, const std::vector<std::string>& more) {
  std::vector<std::string> argv = {"docker-compose"};
  if (dialect == Dialect::v2) argv = {"docker", "compose"};
  argv.insert(argv.end(), {"--project-name", project.name});
  for (const auto* list : {&project.files, &more})
    for (const auto& file : *list) argv.insert(argv.end(), {"--file", file});
  return argv;
}

std::map<std::string, std::string> variables_of(const InstanceSpec& spec, const Value& environment) {
  std::map<std::string, std::string> variables = {{"SHUNT_VERSION", spec.labels.version},
                                                  {"SHUNT_COLOR", text_of(spec.labels.color)}};
  for (const auto& [name, value] : environment.items())
    variables[name] = value.is_string() ? value.get<std::string>() : to_text(value);
  return variables;
}

std::string override_of(const InstanceSpec& spec, const std::string& image, const std::string& version) {
  Value service = {{"labels", docker::labels_of(spec)}};
  // A dollar is the beginning of a variable in these files.
  for (auto& label : service["labels"]) {
    std::string doubled;
    for (const char letter : label.get<std::string>()) doubled += letter == '$' ? "$$" : std::string(1, letter);
    label = doubled;
  }
  if (!image.empty()) service["image"] = image;
  if (spec.stop_signal != SIGTERM) service["stop_signal"] = std::to_string(spec.stop_signal);
  Value file = {{"services", {{project_of(spec).service, std::move(service)}}}};
  if (!version.empty()) file["version"] = version;
  return to_text(file);
}

std::string version_in(const std::string& file) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);)
    if (auto version = version_on(line); !version.empty()) return version;
  return "";
}

std::optional<Described> described_in(const std::string& yaml, const std::string& service) {
  try {
    const auto services = YAML::Load(yaml)["services"];
    if (!services || !services.IsMap()) return std::nullopt;
    Described described;
    for (const auto& one : services) described.services.push_back(one.first.as<std::string>());
    const auto own = services[service];
    described.has_service = own && own.IsMap();
    if (!described.has_service) return described;
    described.builds = bool(own["build"]);
    if (const auto image = own["image"]; image && image.IsScalar()) described.image = image.as<std::string>();
    return described;
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

}  // namespace shunt::adapters::compose
