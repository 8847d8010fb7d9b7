// The script's own coroutines, in which performs go through to the host; and protected calls, which no kill enters.
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// coroutine.*
Bindings coroutine_bindings();

/// pcall, xpcall, error, assert
Bindings protected_bindings();

}  // namespace shunt::lua
