// The Lua API written down: definitions for editors, and pages for people. All of it comes from the table that
// registers the functions (lua/lib/api.lua, tests_api.lua), so nothing can be missing or stale.
#pragma once

#include <string>
#include <vector>

#include "shunt/script.hpp"

namespace shunt::lua {

/// LuaCATS definitions (https://luals.github.io/wiki/annotations), a file each: "shunt.lua" for strategies, "tests.lua"
/// for tests, "app.lua" for app files. Editors read them, nothing runs them.
std::vector<Source> type_definitions();

/// The reference in Markdown: "strategies.md", "tests.md".
std::vector<Source> api_pages();

/// A few lines about "deploy:shift", "clock.sleep", "metrics" or any other name of the API; "" for what it does not
/// have.
std::string help_for(const std::string& name);

/// Every name of the API that begins with `prefix`, as it is written after it: for completion.
std::vector<std::string> names_beginning(const std::string& prefix);

}  // namespace shunt::lua
