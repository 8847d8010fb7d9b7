#include "subjects.hpp"

#include <doctest/doctest.h>

#include "lua/runtime.hpp"
#include "simulate/subject.hpp"
#include "strategies/bundled.hpp"

namespace shunt::tried {

using namespace simulate;

namespace {

std::unique_ptr<ScriptRuntime> runtime() {
  std::vector<Source> bundled;
  for (const auto& strategy : bundled_strategies())
    bundled.emplace_back(std::filesystem::path(strategy.name).stem().string(), strategy.text);
  return lua::make_runtime(std::move(bundled));
}

}  // namespace

simulate::MakeSubject subjects(const std::string& strategy, bool first) {
  auto runtimes = std::make_shared<std::vector<std::unique_ptr<ScriptRuntime>>>();
  return [strategy, first, runtimes] {
    runtimes->push_back(runtime());
    Setting setting;
    setting.first = first;
    Value options = Value::object();
    if (!strategy.ends_with(".lua")) options["soak"] = "1s";
    if (strategy == "gradual") options["steps"] = {10, 50, 100};
    auto subject = make_subject(std::nullopt, strategy, options, setting, *runtimes->back());
    if (!subject) FAIL(to_line(subject.error()));
    return *subject;
  };
}

}  // namespace shunt::tried
