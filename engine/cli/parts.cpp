#include "cli/parts.hpp"

#include <filesystem>

#include "adapters/registered.hpp"
#include "lua/runtime.hpp"
#include "strategies/bundled.hpp"

namespace shunt::cli {

std::unique_ptr<Parts> make_parts() {
  auto parts = std::make_unique<Parts>();
  register_adapters(parts->registry);
  std::vector<Source> bundled;
  for (const auto& strategy : bundled_strategies())
    bundled.emplace_back(std::filesystem::path(strategy.name).stem().string(), strategy.text);
  parts->scripts = lua::make_runtime(std::move(bundled));
  return parts;
}

const char* program_version() {
  return SHUNT_VERSION;
}

}  // namespace shunt::cli
