// Reads secrets where they are kept, and hides them wherever text leaves the engine.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shunt/process.hpp"
#include "shunt/secrets.hpp"

namespace shunt::secrets {

/// Loop thread only; `processes` outlives it. Values are kept in memory for as long as it lives, to be masked.
class Vault : public Secrets {
 public:
  explicit Vault(process::Spawner& processes) : processes_(processes) {}

  Task<Result<std::string>> read(Value handle) override;
  void remember(std::string value) override;
  std::string mask(std::string text) const override;
  Value mask_all(Value value) const override;
  Task<Result<Value>> reveal(Value value) override;

 private:
  process::Spawner& processes_;
  std::set<std::string> known_;
};

}  // namespace shunt::secrets
