// What people read in place of a step's verb and arguments.
#pragma once

#include <string>

#include "shunt/value.hpp"

namespace shunt::cli {

/// "shift 10 %", "soak 5m", "web: blue 90, green 10": printable, one line.
std::string label_of(const std::string& verb, const Value& args);

/// "error rate 0.0004 (max 0.001)" of a gate's report.
std::string gate_text(const Value& gate);

/// "max 0.001", "min 2", "min 2, max 5" of a gate's limit.
std::string limit_text(const Value& limit);

}  // namespace shunt::cli
