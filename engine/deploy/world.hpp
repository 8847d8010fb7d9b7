// The real things that adapters work with, for one verb.
#pragma once

#include <asio/io_context.hpp>
#include <filesystem>

#include "http/multi.hpp"
#include "process/posix.hpp"
#include "process/survivors.hpp"
#include "secrets/vault.hpp"
#include "shunt/context.hpp"

namespace shunt::deploy {

/// The loop and what hangs on it. Adapters made from its context must be gone before it.
class World {
 public:
  World(std::filesystem::path state, std::filesystem::path helpers)
      : http_(loop_.get_executor()),
        marking_(processes_),
        secrets_(processes_),
        context_{http_, marking_, secrets_, std::move(state), std::move(helpers)} {}

  asio::io_context& loop() { return loop_; }
  Context& context() { return context_; }

  /// From now on every command belongs to this run: should this process die, the next one finds it.
  void begin(const std::string& run) { marking_.begin(run); }

  /// Runs one task to its end, for what needs no deployment.
  template <typename T>
  T run(Task<T> task);

 private:
  asio::io_context loop_{1};
  http::Multi http_;
  process::Posix processes_;
  process::Marking marking_;
  secrets::Vault secrets_;
  Context context_;
};

}  // namespace shunt::deploy

#include "deploy/world_run.hpp"
