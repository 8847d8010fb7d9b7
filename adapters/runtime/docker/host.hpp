// Where a container engine listens.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "shunt/error.hpp"
#include "shunt/http.hpp"

namespace shunt::adapters::docker {

/// A variable of the environment, or nothing.
using Variable = std::function<std::optional<std::string>(const char* name)>;

std::optional<std::string> variable_of_this_program(const char* name);

struct Host {
  std::string name;         ///< for messages: "/var/run/docker.sock", "10.0.0.7:2376"
  std::string unix_socket;  ///< its path, "" for TCP
  std::string url;          ///< of TCP, without a slash at the end; of a socket "http://docker"
  std::string machine;      ///< at which its published ports are found: 127.0.0.1 for a socket and for loopback
  http::Tls tls;

  Host() = default;
  /// Whether its containers run on this machine.
  bool is_local() const { return machine == "127.0.0.1"; }
};

/// Reads `host` as the docker command does: "" is $DOCKER_HOST, and without it /var/run/docker.sock; a path,
/// unix://PATH, tcp://HOST:PORT, http:// or https://. With $DOCKER_TLS_VERIFY, or https, TCP is TLS with ca.pem,
/// cert.pem and key.pem out of $DOCKER_CERT_PATH (~/.docker). SH1430 for anything else.
Result<Host> parse_host(const std::string& host, const Variable& variable);

}  // namespace shunt::adapters::docker
