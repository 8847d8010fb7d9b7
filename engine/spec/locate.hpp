// Where in an app file's text a key stands.
#pragma once

#include <string>
#include <string_view>

namespace shunt {

/// The line (from 1) of the key that `path` ("services.web.helth", "gates[2].max") leads to in the Lua text, found by
/// looking for each part as a key after the one before; the deepest part that was found counts, 1 when none was.
int line_of(std::string_view text, const std::string& path);

}  // namespace shunt
