#include "runtime.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "shunt/schema.hpp"
#include "vm/library.hpp"
#include "vm/live_prompt.hpp"
#include "vm/script.hpp"
#include "vm/test_file.hpp"
#include "vm/typed.hpp"
#include "vm/watchdog.hpp"

namespace shunt::lua {

namespace {

class Runtime final : public ScriptRuntime {
 public:
  explicit Runtime(std::vector<Source> bundled) : bundled_(std::move(bundled)) {}

  Result<AppFile> load_app(std::string name, ReadFile files, ReadEnvironment environment) override {
    return load_app_file(std::move(name), std::move(files), std::move(environment), watchdog_);
  }

  Result<std::unique_ptr<Script>> load_strategy(std::string name, ReadFile files, ScriptLimits limits) override {
    if (name == typed_strategy) return std::unique_ptr<Script>(std::make_unique<TypedStrategy>(watchdog_));
    const auto found =
        std::find_if(bundled_.begin(), bundled_.end(), [&](const Source& one) { return one.name == name; });
    const Source* const bundled = found == bundled_.end() ? nullptr : &*found;
    if (bundled == nullptr && !name.ends_with(".lua")) return unknown(name);
    return LoadedStrategy::load(std::move(name), bundled, std::move(files), std::move(limits), watchdog_, compiled_);
  }

  Result<std::unique_ptr<TestFile>> load_tests(std::string name, ReadFile files, ScriptLimits limits) override {
    return LoadedTests::load(std::move(name), std::move(files), std::move(limits), watchdog_);
  }

  std::unique_ptr<Prompt> prompt(const Value& deploy, bool with_world) override {
    return std::make_unique<LivePrompt>(deploy, with_world, watchdog_);
  }

  std::unique_ptr<ScriptRuntime> another() const override { return std::make_unique<Runtime>(bundled_); }

  const std::vector<Source>& bundled() const override { return bundled_; }

  std::string library() const override { return library_hash(); }

 private:
  Error unknown(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& one : bundled_) names.push_back(one.name);
    const auto near = nearest(name, names);
    return {"SH1102", Kind::config, fmt::format("there is no strategy '{}'", name),
            near.empty() ? fmt::format("bundled are: {}; a file's name ends in .lua", fmt::join(names, ", "))
                         : fmt::format("did you mean '{}'?", near)};
  }

  std::vector<Source> bundled_;
  Watchdog watchdog_;
  Compiled compiled_;
};

}  // namespace

std::unique_ptr<ScriptRuntime> make_runtime(std::vector<Source> bundled) {
  return std::make_unique<Runtime>(std::move(bundled));
}

}  // namespace shunt::lua
