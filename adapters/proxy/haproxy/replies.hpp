// What HAProxy's runtime socket answers, read strictly: anything unexpected is an error, never a guess.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"

namespace shunt::haproxy {

/// `show info float`.
struct Info {
  std::int64_t pid = 0;
  double uptime = 0;   ///< seconds
  double started = 0;  ///< seconds since 1970; 0: this version does not say
};

/// A server, or the backend itself, in `show stat`.
struct StatRow {
  std::string server;  ///< "BACKEND" for the backend itself
  bool is_backend = false;
  std::string status;  ///< "UP", "DOWN 1/2", "MAINT (via a/b)" ...
  int weight = 0;      ///< that it has now: after slow start, 0 in maintenance
  int configured = 0;  ///< that was set
  bool is_backup = false;
  int queued = 0;       ///< requests that wait for it
  int sessions = 0;     ///< requests it is answering, websockets among them; idle keep-alive connections are none
  std::string address;  ///< empty below level operator, as is `algorithm`
  std::string algorithm;
  std::string cookie;
};

/// A server in `show servers state`.
struct StateRow {
  std::string server;
  std::string address;  ///< host:port
  int running = 0;      ///< 0 stopped, 1 starting, 2 running, 3 stopping
  unsigned admin = 0;   ///< bits of `forced_maintenance` and so on
  int weight = 0;
  bool is_checked = false;    ///< by a health check of its own
  bool is_named = false;      ///< its configuration gives a name, so that a state file may bring back its address
  std::string check_address;  ///< "" where the check goes to its address
};

// Bits of StateRow::admin (HAProxy's management guide, "show servers state").
inline constexpr unsigned forced_maintenance = 0x01;
inline constexpr unsigned any_maintenance = 0x63;  ///< forced, inherited, no address, no such name
inline constexpr unsigned forced_drain = 0x08;
inline constexpr unsigned any_drain = 0x18;

/// The answers to a line of `commands` commands, one for each, without the empty line that ends each. SH1503
/// (retryable) when HAProxy's text ends too early, SH1503 when there is more, or it is another program's.
Result<std::vector<std::string>> split_replies(std::string_view text, std::size_t commands);

/// The answer to a command that says nothing when it is done. SH1504 no such backend or server, SH1505 the algorithm or
/// the level of the socket forbids it, SH1503 any other text.
Result<void> parse_done(std::string_view reply, std::string_view command);

/// The answer to `set server … addr … port …`, which is told in words. Errors as those of `parse_done`.
Result<void> parse_placed(std::string_view reply, std::string_view command);

/// Errors as those of `parse_done`.
Result<Info> parse_info(std::string_view reply);
Result<std::vector<StatRow>> parse_stat(std::string_view reply);
Result<std::vector<StateRow>> parse_servers_state(std::string_view reply);

/// "admin", "operator" or "user", the answer to `show cli level`; anything else is SH1503.
Result<std::string> parse_level(std::string_view reply);

}  // namespace shunt::haproxy
