// By what a start is known again.
#pragma once

#include <string>

#include "shunt/runtime.hpp"

namespace shunt::adapters {

/// Of everything that makes two specs different, but not the run: its own second start is no other spec. SHA-256, hex.
std::string spec_sha(const InstanceSpec& spec);

}  // namespace shunt::adapters
