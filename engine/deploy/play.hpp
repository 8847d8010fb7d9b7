// A script as the body of a run.
#pragma once

#include <memory>
#include <vector>

#include "deploy/run.hpp"
#include "shunt/script.hpp"

namespace shunt::deploy {

/// Owns a loaded strategy and its doors to the waist; outlives the run.
class Play {
 public:
  explicit Play(std::unique_ptr<Script> script) : script_(std::move(script)) {}

  const Script& script() const { return *script_; }

  /// What the run does; its rollback functions are registered with `machinery`.
  Body body(Machinery& machinery, const Deployment& deployment);

 private:
  ScopePerformer& door(effects::Scope scope);

  std::unique_ptr<Script> script_;
  std::vector<std::unique_ptr<ScopePerformer>> doors_;
};

}  // namespace shunt::deploy
