// One container: what is asked for, and what an engine says of it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/runtime.hpp"
#include "shunt/value.hpp"

namespace shunt::adapters::docker {

/// What the engine is to create: the body of POST /containers/create. `environment` is the spec's, with its secrets;
/// `image` what it is started from.
Value creation_of(const InstanceSpec& spec, const Value& environment, const std::string& image);

/// The body of POST /networks/ID/connect for each network after the first, by network.
std::vector<std::pair<std::string, Value>> further_networks(const InstanceSpec& spec, const std::string& container);

/// A port of the machine that leads to one of the container.
struct Published {
  std::string host;  ///< "0.0.0.0", "127.0.0.1", "::"
  int port = 0;
  int inside = 0;  ///< the container's port
};

/// What GET /containers/ID/json says.
struct Container {
  std::string id;
  std::string name;      ///< without the slash
  std::string project;   ///< of Compose, where it belongs to one
  std::string image;     ///< as it was asked for
  bool is_ours = false;  ///< it carries shunt's labels
  InstanceState state;   ///< of the container; without labels where it is not ours, and without an address
  int port = 0;          ///< that it serves at, as its labels say; 0: none
  std::vector<Published> published;
  std::vector<std::string> addresses;  ///< its own, of each network
  bool has_terminal = false;           ///< its output is one stream
  bool lives = false;                  ///< it runs, or the engine is about to start it again
  bool is_created = false;             ///< it was never started
  std::string health_note;             ///< the last line that its own health check printed

  Container() = default;
};

/// Nothing when it is not what an engine says of a container.
std::optional<Container> container_in(const Value& inspected);

/// Where it answers: the published port, on `machine`, that leads to `port` (any, for 0), else its own address with
/// `port`; "" when it listens nowhere, or does not run.
std::string address_of(const Container& container, int port, const std::string& machine);

/// "2026-11-28T21:29:34.911468377Z" (RFC 3339) in unix ms; 0 for what is none, and for the year 1, which means never.
std::int64_t unix_ms(std::string_view time);

/// Bytes: a number, or "512m" (b, k, m, g; powers of 1024). Nothing for what is neither.
std::optional<std::int64_t> bytes_in(const Value& size);

}  // namespace shunt::adapters::docker
