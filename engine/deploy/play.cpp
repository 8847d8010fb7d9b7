#include "deploy/play.hpp"

#include "deploy/compose.hpp"

namespace shunt::deploy {

ScopePerformer& Play::door(effects::Scope scope) {
  doors_.push_back(std::make_unique<ScopePerformer>(std::move(scope)));
  return *doors_.back();
}

Body Play::body(Machinery& machinery, const Deployment& deployment) {
  machinery.script_undo([this](std::string name, effects::Scope scope) {
    return script_->undo(std::move(name), door(std::move(scope)));
  });
  return [this, fields = script_fields(deployment), options = deployment.options](effects::Scope scope) {
    return script_->run(door(std::move(scope)), fields, options);
  };
}

}  // namespace shunt::deploy
