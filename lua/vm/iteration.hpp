// Going through tables in an order that is the same everywhere: numbers, then strings by their bytes.
#pragma once

#include "vm/binding.hpp"

namespace shunt::lua {

/// pairs, next, ipairs. Tables with other kinds of keys raise SH1212.
Bindings iteration_bindings();

}  // namespace shunt::lua
