// Who listens at an address of this machine, as the kernel's list of sockets and /proc/PID/fd tell it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/runtime.hpp"
#include "shunt/task.hpp"
#include "supervise/process_table.hpp"

namespace shunt::adapters::listening {

/// An IPv6 address, or an IPv4 one mapped into IPv6.
using Address = std::array<std::uint8_t, 16>;

/// "host:port" or "[v6]:port", understood.
struct Endpoint {
  int port = 0;
  std::vector<Address> hosts;  ///< empty: any
};

/// Nothing when there is no port in it. `localhost` is 127.0.0.1 and ::1; other names stand for any address.
std::optional<Endpoint> endpoint_in(const std::string& address);

struct ListeningSocket {
  std::uint64_t inode = 0;
  Address address{};
  int port = 0;
  unsigned user = 0;
};

/// The listening sockets in the text of /proc/net/tcp or tcp6. They stand first there (kernel documentation,
/// proc_net_tcp), so what follows the first other one is not looked at.
std::vector<ListeningSocket> listening_in(std::string_view table);

/// Whether a connection to `endpoint` may end up at the socket: same port, and the same or the unspecified address.
bool answers_at(const ListeningSocket& socket, const Endpoint& endpoint);

/// The processes of an instance.
struct Ours {
  std::vector<pid_t> likely;                ///< looked at first
  std::function<std::vector<pid_t>()> all;  ///< asked when those do not hold every socket; may be empty

  Ours() = default;
};

/// The program that listens there: of several processes that hold the sockets, the one above the others. 0 when nobody
/// does, or nobody that can be seen.
pid_t program_at(const Endpoint& endpoint);

/// Whoever listens there. It is ours when each of the sockets is open in one of our processes; otherwise `who` names
/// one that is not. Some 0.1 ms; a few ms, in slices, when it has to look for a stranger.
Task<Listener> who_listens(Endpoint endpoint, Ours ours);

}  // namespace shunt::adapters::listening
