#include "deploy/bundle.hpp"

#include <fmt/format.h>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "spec/deployment.hpp"

namespace shunt::deploy {

namespace {

Value bundle_of(store::Store& store, const store::Run& run) {
  const auto bytes = store.blob(run.bundle_sha);
  const Value bundle = bytes && *bytes ? decode(**bytes) : Value();
  return bundle.is_object() ? bundle : Value::object();
}

std::optional<std::string> text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace

Result<std::string> store_bundle(store::Store& store, const App& app, const Script& script) {
  Value bundle = {{"app", Value::array()}, {"strategy", Value::array()}};
  for (const auto& source : app.sources) bundle["app"].push_back({{"name", source.name}, {"text", source.text}});
  for (const auto& source : script.info().sources)
    bundle["strategy"].push_back({{"name", source.name}, {"text", source.text}});
  return store.put_blob(encode(bundle));
}

Result<std::unique_ptr<Script>> stored_script(store::Store& store, const store::Run& run, ScriptRuntime& scripts) {
  const Value sources = bundle_of(store, run).value("strategy", Value::array());
  if (sources.empty())
    return Error("SH1926", Kind::adapter, "the stored strategy of this deployment is missing",
                 fmt::format("`shunt abort {0}`, then `shunt resume {0}`: going back needs no script", run.id));
  ReadFile files = [sources](const std::string& name) -> std::optional<std::string> {
    for (const auto& source : sources)
      if (source["name"] == name) return source["text"].get<std::string>();
    return std::nullopt;
  };
  auto name = sources.front()["name"].get<std::string>();
  return scripts.load_strategy(std::move(name), std::move(files), ScriptLimits());
}

std::vector<std::string> edited_files(store::Store& store, const store::Run& run) {
  const auto bundle = bundle_of(store, run);
  const std::filesystem::path folder = deployment_from(run.inputs).folder;
  const bool is_bundled = !run.strategy.ends_with(".lua");
  std::vector<std::string> edited;
  for (const auto* part : {"app", "strategy"})
    for (const auto& source : bundle.value(part, Value::array())) {
      if (is_bundled && std::string(part) == "strategy") continue;
      const auto name = source["name"].get<std::string>();
      if (text_of(folder / name) != source["text"].get<std::string>()) edited.push_back(name);
    }
  return edited;
}

}  // namespace shunt::deploy
