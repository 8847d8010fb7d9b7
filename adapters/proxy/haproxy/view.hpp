// From HAProxy's answers to what the engine wants to know.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/proxy/haproxy/replies.hpp"
#include "adapters/proxy/haproxy/weights.hpp"
#include "shunt/proxy.hpp"

namespace shunt::haproxy {

/// Which part of an HAProxy a service has.
struct Place {
  std::string socket;  ///< for messages
  std::string backend;
  PerColour<std::vector<std::string>> servers;
  bool tells_addresses = false;  ///< servers are told where the instances are; else haproxy.cfg says it
  PerColour<std::vector<std::string>> instances{};  ///< where they are, in order of index; "" while that is not known
};

/// Of a server whose instance has no address just now: the port for what is thrown away, where nobody listens.
inline constexpr const char* nowhere = "127.0.0.1:9";

/// One of the place's servers, as both answers describe it.
struct Server {
  std::string name;
  Colour color = Colour::blue;
  StatRow stat;
  StateRow state;
  std::optional<std::string> at{};  ///< where it is to be if it has a weight; nothing where haproxy.cfg decides

  /// Whether what HAProxy sends there comes to its instance.
  bool is_at_instance() const { return !at || (*at == state.address && *at != nowhere); }
  /// Whether it must be told another address before it gets a weight.
  bool must_move() const { return at && *at != state.address; }
  /// Whether it has a weight nevertheless.
  bool is_stale() const { return must_move() && stat.configured > 0; }
};

/// A backend at one moment.
struct Backend {
  std::vector<Server> servers;  ///< the place's: blue ones first, in the order of the configuration
  std::vector<StatRow> others;  ///< servers of the backend that are no colour's
  std::string algorithm;        ///< as HAProxy names it; "" when the socket does not say
  std::string cookie;           ///< name of the cookie that keeps clients on a server; "" for none
};

/// What the weights of the place's servers mean: where they are told addresses, those beyond the number of instances
/// have none.
Scale scale_of(const Place& place);

/// Puts the answers to `show stat` and `show servers state` together. SH1504 when one of the place's servers is not
/// there.
Result<Backend> backend_of(const Place& place, const std::vector<StatRow>& stats, const std::vector<StateRow>& states);

/// "up", "down", "maint", "drain" or "unchecked"; SH1503 for a status that is none of HAProxy's.
Result<std::string> state_of(const Server& server);

/// Whether it is in maintenance or drained because somebody said so.
bool is_taken_out(const Server& server);

/// Everything but `started`. `level` is that of the socket. SH1503 as in `state_of`.
Result<ProxyView> view_of(const Place& place, const Backend& backend, const std::string& level);

}  // namespace shunt::haproxy
