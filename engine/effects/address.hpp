// Calls that are aimed at one instance.
#pragma once

#include <string>

#include "shunt/call.hpp"
#include "spec/service.hpp"

namespace shunt::effects {

struct Address {
  std::string host;
  std::string port;
};

/// "127.0.0.1:3000" in its two parts; "[::1]:3000" loses its brackets.
Address split_address(const std::string& address);

/// `text` with {address}, {host} left alone and {port} replaced for that place.
std::string aimed_at(const std::string& text, const std::string& address);

/// The Call that asks the instance at `address` whether it is ready.
Call health_probe(const Health& health, const Place& place, const std::string& address, std::int64_t timeout_ms);

/// The Call that a smoke test makes of the instance at `address`.
Call smoke_probe(const SmokeTest& test, const std::string& address);

}  // namespace shunt::effects
