#include "deploy/load.hpp"

#include <fmt/format.h>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "shunt/json.hpp"

namespace shunt::deploy {

namespace {

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Once links are followed.
bool lies_in(const std::filesystem::path& folder, const std::filesystem::path& path) {
  std::error_code none;
  const auto inside =
      std::filesystem::canonical(path, none).lexically_relative(std::filesystem::canonical(folder, none));
  return !none && !inside.empty() && *inside.begin() != "..";
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Value setting_from(const std::string& text) {
  const auto parsed = parse_json(text);
  if (parsed && (parsed->is_number() || parsed->is_boolean() || parsed->is_array())) return *parsed;
  if (text.find(',') == std::string::npos) return text;
  return parse_json("[" + text + "]").value_or(Value(text));
}

}  // namespace

Result<std::filesystem::path> find_app_file(const std::filesystem::path& given) {
  std::error_code none;
  if (!given.empty()) {
    if (std::filesystem::is_regular_file(given, none)) return std::filesystem::absolute(given).lexically_normal();
    return Error("SH1012", Kind::config, fmt::format("there is no app file {}", given.string()),
                 "name an existing file with -f, or write one with `shunt init`");
  }
  for (auto folder = std::filesystem::current_path(none); !none; folder = folder.parent_path()) {
    if (std::filesystem::is_regular_file(folder / "shunt.lua", none)) return folder / "shunt.lua";
    if (folder == folder.parent_path()) break;
  }
  return Error("SH1012", Kind::config, "there is no shunt.lua in this folder or above it",
               "write one with `shunt init`, or name an app file with -f");
}

ReadFile files_in(std::filesystem::path folder, const std::string& named) {
  const auto main = folder / named;
  return [folder = std::move(folder), main](const std::string& name) -> std::optional<std::string> {
    const auto path = folder / name;
    if (path != main && !lies_in(folder, path) && !lies_in(main.parent_path(), path)) return std::nullopt;
    return read_file(path);
  };
}

Result<App> load_app(const std::filesystem::path& given, const Registry& registry, ScriptRuntime& scripts) {
  const auto path = find_app_file(given);
  if (!path) return path.error();
  const auto folder = path->parent_path();
  const auto name = path->filename().string();
  const auto loaded = scripts.load_app(name, files_in(folder, name), environment);
  if (!loaded) return loaded.error();
  return parse_app(*loaded, name, folder, registry, environment);
}

Result<std::unique_ptr<Script>> load_strategy(const App& app, const std::string& asked, ScriptRuntime& scripts,
                                              ScriptLimits limits) {
  std::string name = !asked.empty() ? asked : app.strategy;
  if (name.empty()) name = "blue_green";
  if (name == typed_strategy)
    return Error("SH1102", Kind::config, "there is nobody here who types a strategy",
                 "use `shunt repl VERSION --live`");
  return scripts.load_strategy(name, files_in(app.folder, name), std::move(limits));
}

Value options_in(const std::map<std::string, std::string>& settings) {
  Value options = Value::object();
  for (const auto& [name, text] : settings) options[name] = setting_from(text);
  return options;
}

Result<Value> options_for(const Script& script, const App& app, const Value& options, bool another) {
  Value given = app.options;
  // The app file's options are for the app file's strategy; another one takes what it knows of them.
  if (another)
    for (auto option = given.begin(); option != given.end();)
      option = script.info().options.contains(option.key()) ? std::next(option) : given.erase(option);
  if (options.is_object()) given.update(options);
  return script.options(std::move(given));
}

}  // namespace shunt::deploy
