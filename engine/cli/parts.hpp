// What this program is made of besides the engine.
#pragma once

#include <memory>

#include "shunt/registry.hpp"
#include "shunt/script.hpp"

namespace shunt::cli {

/// The adapters and the script language. Engines refer to them.
struct Parts {
  Registry registry;
  std::unique_ptr<ScriptRuntime> scripts;
};

std::unique_ptr<Parts> make_parts();

/// "0.1.0".
const char* program_version();

}  // namespace shunt::cli
