// The listening sockets of this machine, asked of the kernel by netlink (sock_diag(7)).
#pragma once

#include <optional>
#include <vector>

#include "adapters/runtime/listeners.hpp"

namespace shunt::adapters::listening {

/// All that listen for TCP, of both families. Nothing where the kernel does not answer this (a container without the
/// module tcp_diag); /proc/net tells it there, but walks the table of all connections, which takes it 5 to 10 ms.
std::optional<std::vector<ListeningSocket>> listening_sockets();

}  // namespace shunt::adapters::listening
