// What the adapters of a bench are given.
#pragma once

#include <asio/io_context.hpp>
#include <map>
#include <set>
#include <string>

#include "http/multi.hpp"
#include "process/posix.hpp"
#include "shunt/context.hpp"

namespace shunt::conformance {

/// Secrets out of a table; each is masked once it was read.
class Vault : public Secrets {
 public:
  std::map<std::string, std::string> values;  ///< by the name in { env = NAME }

  Task<Result<std::string>> read(Value handle) override;
  void remember(std::string value) override;
  std::string mask(std::string text) const override;
  Value mask_all(Value value) const override;
  Task<Result<Value>> reveal(Value value) override;

 private:
  std::set<std::string> known_;
};

/// The engine's own HTTP client and spawner.
class BenchContext {
 public:
  BenchContext(asio::io_context& loop, const std::filesystem::path& state)
      : http_(loop), context_{http_, processes_, vault, state, state} {}

  Context& context() { return context_; }

  Vault vault;

 private:
  http::Multi http_;
  process::Posix processes_;
  Context context_;
};

}  // namespace shunt::conformance
