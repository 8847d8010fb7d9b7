// One service of one release, resolved: what to run, where, how to tell that it works, and how to end it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shunt/colour.hpp"
#include "shunt/value.hpp"

namespace shunt {

/// A place where one instance runs.
struct Place {
  std::string id;  ///< APP-SERVICE-COLOUR-N
  int index = 0;
  std::string address;  ///< host:port; "" when it listens nowhere, or its runtime finds one for it
  int port = 0;         ///< at which it serves inside what its runtime makes (a container); 0: its address says all
  Value config;         ///< the runtime's table, placeholders replaced for this place

  /// Whether it is known only once it runs where it listens.
  bool is_found_later() const { return address.empty() && port != 0; }
};

/// How an instance says that it is ready.
struct Health {
  std::string type = "none";  ///< "http", "tcp", "command", "own" (the runtime knows), "none" (running is enough)
  std::string path;
  std::string host;  ///< overrides the address's host
  int port = 0;      ///< overrides the address's port
  int status = 0;    ///< 0: any of 200..399
  std::vector<std::string> command;
  std::int64_t timeout_ms = 180'000;
  std::int64_t interval_ms = 3'000;
  int successes = 1;
};

/// One expectation of the new colour before it gets traffic: a request or a command.
struct SmokeTest {
  std::string name;
  std::string method = "GET";
  std::string path;
  Value headers = Value::object();
  int status = 0;        ///< 0: any of 200..399
  std::string contains;  ///< must stand in the answer's body
  std::vector<std::string> command;
  std::string cwd;
  std::int64_t timeout_ms = 10'000;
};

/// How to see through the proxy which colour answers.
struct Verify {
  std::string url;  ///< "" : not declared
  std::string header;
  std::string equals;  ///< what this release's answers carry
  int consecutive = 5;
  std::int64_t timeout_ms = 10'000;
};

struct Service {
  std::string name;
  std::string runtime;  ///< adapter
  Value runtime_config;
  std::vector<Place> places;
  Health health;
  std::vector<SmokeTest> smoke;
  std::string proxy;  ///< adapter, "" : none
  Value proxy_config;
  Verify verify;
  std::int64_t drain_ms = 30'000;
  int stop_signal = 15;
  std::int64_t stop_grace_ms = 10'000;
  std::vector<std::string> after;
  bool singleton = false;  ///< must never run twice: swapped once all traffic has moved, in place of launched
  bool prepares = false;   ///< its runtime has something to fetch or build before it starts anything

  bool has_proxy() const { return !proxy.empty(); }
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Place, id, index, address, port, config)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Health, type, path, host, port, status, command, timeout_ms,
                                                interval_ms, successes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SmokeTest, name, method, path, headers, status, contains, command, cwd,
                                                timeout_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Verify, url, header, equals, consecutive, timeout_ms)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Service, name, runtime, runtime_config, places, health, smoke, proxy,
                                                proxy_config, verify, drain_ms, stop_signal, stop_grace_ms, after,
                                                singleton, prepares)

/// Services by name, in the order in which they are launched and switched: after those they name, then by name.
using Services = std::vector<Service>;

/// The service of that name, or nullptr.
const Service* find(const Services& services, const std::string& name);

}  // namespace shunt
