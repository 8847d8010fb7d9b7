// The Lua API's own texts (lua/lib), compiled once per process.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "shunt/script.hpp"

namespace shunt::lua {

/// Every file of lua/lib: name without ".lua", and text.
const std::vector<Source>& library_texts();

/// The bytecode of lua/lib/NAME.lua, or nothing when there is no such file.
std::optional<std::string_view> library_bytecode(std::string_view name);

/// A code that changes with anything in lua/lib: part of what decides whether a stored run may go forward.
std::string library_hash();

}  // namespace shunt::lua
