#include "shunt/engine.hpp"

#include "deploy/unfinished.hpp"

namespace shunt {

Engine::Engine(Settings settings, const Registry& registry, ScriptRuntime& scripts, Reporter& reporter)
    : settings_(std::move(settings)), registry_(registry), scripts_(scripts), reporter_(reporter) {}

deploy::Tools Engine::tools() {
  return {settings_, registry_, scripts_, reporter_};
}

}  // namespace shunt
