#include "deploy/unversioned.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "deploy/load.hpp"
#include "spec/locate.hpp"

namespace shunt::deploy {

namespace {

/// The runtime table of a service's first place, as it is for one version in one color.
Value table_for(const App& app, const std::string& service, const std::string& version, Colour colour) {
  const auto services = resolve(app, version, colour);
  const auto* found = find(services, service);
  return found == nullptr || found->places.empty() ? Value::object() : found->places.front().config;
}

bool is_in_text(const Value& value, std::string_view words) {
  if (value.is_string()) return value.get_ref<const std::string&>().find(words) != std::string::npos;
  return value.is_structured() &&
         std::any_of(value.begin(), value.end(), [&](const Value& one) { return is_in_text(one, words); });
}

/// Whether one of the files has that word, or cannot be read, so that nobody knows.
bool may_be_in_files(const Value& files, const std::string& word) {
  if (files.is_string()) {
    const std::filesystem::path file = files.get<std::string>();
    const auto text = files_in(file.parent_path(), file.filename().string())(file.filename().string());
    return !text || text->find(word) != std::string::npos;
  }
  return files.is_structured() &&
         std::any_of(files.begin(), files.end(), [&](const Value& one) { return may_be_in_files(one, word); });
}

bool may_depend(const App& app, const std::string& service, const Key& key) {
  return std::any_of(std::begin(both_colours), std::end(both_colours), [&](Colour colour) {
    const auto of_one = table_for(app, service, "1", colour).value(key.name, Value());
    const auto of_another = table_for(app, service, "2", colour).value(key.name, Value());
    return of_one != of_another || is_in_text(of_one, "@sha256:") ||
           (!key.in_files.empty() && may_be_in_files(of_one, key.in_files));
  });
}

Error unversioned(const App& app, const std::string& service, const std::vector<Key>& keys) {
  const auto table = fmt::format("services.{}.runtime", service);
  const auto& config = app.services[service]["runtime"]["config"];
  const auto given = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return config.contains(key.name); });
  const auto& first = given == keys.end() ? keys.front() : *given;
  std::vector<std::string> names;
  for (const auto& key : keys) names.push_back(key.name);
  auto what = fmt::format("{}.{} does not depend on the version", table, first.name);
  auto remedy = fmt::format("write {{version}} in it: {}", first.doc);
  if (keys.size() > 1) {
    what = fmt::format("none of {} in {} depends on the version", fmt::join(names, ", "), table);
    remedy = "write {version} in one of them";
    if (!first.in_files.empty()) remedy += fmt::format(", or use {} in the files", first.in_files);
  }
  const auto& text = app.sources.empty() ? std::string() : app.sources.front().text;
  return Error("SH1016", Kind::config, what + ": " + first.versioned, std::move(remedy))
      .at({app.file, line_of(text, table + "." + first.name)});
}

}  // namespace

std::vector<Error> unversioned_services(const App& app, const Registry& registry) {
  std::vector<Error> errors;
  for (const auto& name : app.service_order) {
    const auto& runtime = app.services[name]["runtime"];
    const auto adapter = registry.runtime(runtime["type"].get<std::string>());
    if (!adapter) continue;
    std::vector<Key> keys;
    for (const auto& key : (*adapter)->info.schema.keys)
      if (!key.versioned.empty()) keys.push_back(key);
    if (keys.empty()) continue;
    if (std::any_of(keys.begin(), keys.end(), [&](const Key& key) { return may_depend(app, name, key); })) continue;
    errors.push_back(unversioned(app, name, keys));
  }
  return errors;
}

}  // namespace shunt::deploy
