// table.*: raw work on sequences, charged by their length.
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// concat insert remove move unpack pack; table.sort is written in Lua (lua/lib/table.lua), so that its comparison may
/// wait.
Bindings table_bindings();

}  // namespace shunt::lua
