#include "shunt/engine.hpp"

namespace shunt {

Engine::Engine(Settings settings, const Registry& registry, ScriptRuntime& scripts, Reporter& reporter)
    : settings_(std::move(settings)), registry_(registry), scripts_(scripts), reporter_(reporter) {}

}  // namespace shunt
