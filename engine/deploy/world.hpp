// The real things that adapters work with, for one verb.
#pragma once

#include <asio/io_context.hpp>
#include <filesystem>

#include "http/multi.hpp"
#include "process/posix.hpp"
#include "secrets/vault.hpp"
#include "shunt/context.hpp"

namespace shunt::deploy {

/// The loop and what hangs on it. Adapters made from its context must be gone before it.
class World {
 public:
  World(std::filesystem::path state, std::filesystem::path helpers)
      : http_(loop_.get_executor()),
        processes_(),
        secrets_(processes_),
        context_{http_, processes_, secrets_, std::move(state), std::move(helpers)} {}

  asio::io_context& loop() { return loop_; }
  Context& context() { return context_; }

  /// Runs one task to its end, for what needs no deployment.
  template <typename T>
  T run(Task<T> task);

 private:
  asio::io_context loop_{1};
  http::Multi http_;
  process::Posix processes_;
  secrets::Vault secrets_;
  Context context_;
};

}  // namespace shunt::deploy

#include "deploy/world_run.hpp"
