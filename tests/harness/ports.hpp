// Ports that nobody else uses, for servers that must be told theirs before they start.
#pragma once

#include <vector>

namespace shunt::harness {

/// A TCP port of 127.0.0.1 that is bindable now, below the ephemeral range (where load generators take theirs), never
/// given twice by one process, nor by two processes that use this function at the same time. Throws std::runtime_error
/// when there is none.
int free_port();

/// `count` of them.
std::vector<int> free_ports(int count);

}  // namespace shunt::harness
