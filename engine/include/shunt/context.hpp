// What an adapter is given to work with.
#pragma once

#include <filesystem>

#include "shunt/http.hpp"
#include "shunt/process.hpp"
#include "shunt/secrets.hpp"

namespace shunt {

/// References outlive every adapter. An adapter reaches sockets itself through Asio (its executor is the awaiting
/// task's).
struct Context {
  http::Client& http;
  process::Spawner& processes;
  Secrets& secrets;
  std::filesystem::path state;    ///< folder of this app (0700); an adapter keeps files only below state/KIND-NAME
  std::filesystem::path helpers;  ///< folder with shunt's helper executables (shunt-supervise)
};

}  // namespace shunt
