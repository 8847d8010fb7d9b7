#include "deploy/machinery.hpp"

#include <fmt/format.h>
#include <map>

namespace shunt::deploy {

namespace {

// What a script may ask of instances and proxies by hand is done by the steps that do it safely.
Call as_step(Call call) {
  static const std::map<std::string, std::string> steps = {
      {"instances.start", "launch"}, {"instances.stop", "retire"}, {"proxy.set", "shift"}, {"proxy.close", "retire"}};
  if (const auto step = steps.find(call.verb); step != steps.end()) call.verb = step->second;
  return call;
}

}  // namespace

Machinery::Machinery(const Deployment& deployment, effects::Effects& effects, asio::any_io_executor world,
                     store::Store* store, Reporter& reporter, const Secrets& secrets)
    : turns(std::move(world), [&effects] { return effects.now(); }),
      journal(store, deployment.id, reporter, [this] { return turns.now(); }),
      guard(deployment),
      waist(turns, effects, journal, guard, secrets),
      deployment_(deployment) {
  waist.composites([this](Call call, effects::Scope inside) { return composite(std::move(call), std::move(inside)); });
}

Task<Outcome> Machinery::composite(Call call, effects::Scope inside) {
  if (call.verb != "script.undo") {
    return steps::run(stage(), std::move(inside), std::move(call));
  }
  std::string name = call.args.value("name", "");
  if (script_undo_) return script_undo_(std::move(name), std::move(inside));
  return [](std::string missing) -> Task<Outcome> {
    Outcome no(Error("SH1290", Kind::script,
                     fmt::format("the rollback function '{}' cannot run without its script", missing),
                     "do by hand what it would have done"));
    co_return std::move(no);
  }(std::move(name));
}

Task<Outcome> ScopePerformer::perform(Call call) {
  call = as_step(std::move(call));
  return scope_.perform(std::move(call));
}

std::vector<std::unique_ptr<Performer>> ScopePerformer::split(std::size_t count) {
  std::vector<std::unique_ptr<Performer>> performers;
  for (auto& scope : scope_.split(count)) performers.push_back(std::make_unique<ScopePerformer>(std::move(scope)));
  return performers;
}

void ScopePerformer::cancel() {
  scope_.turns().cancel(scope_.branch(), Error("SH1902", Kind::cancelled, "another branch ended first", ""));
}

}  // namespace shunt::deploy
