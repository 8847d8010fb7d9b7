// `shunt deploy` with a script that never comes back: what no script of the sandbox can do, done on purpose.
//
//   stuck_deploy SHUNT APP_FILE STATE VERSION [ON_ROLLBACK]
#include <unistd.h>
#include <iostream>
#include <thread>

#include "adapters/registered.hpp"
#include "lua/runtime.hpp"
#include "shunt/engine.hpp"

using namespace shunt;

namespace {

class StuckScript : public Script {
 public:
  StuckScript(std::string on_rollback, ScriptLimits limits)
      : on_rollback_(std::move(on_rollback)), limits_(std::move(limits)) {
    info_.name = "stuck";
  }

  const StrategyInfo& info() const override { return info_; }
  Result<Value> options(Value) const override { return Value(Value::object()); }

  Task<Outcome> run(Performer& performer, Value, Value) override {
    if (!on_rollback_.empty()) {
      Call note("on_rollback", {{"name", on_rollback_}});
      Outcome noted = co_await performer.perform(std::move(note));
    }
    for (const auto* verb : {"launch", "await_healthy", "smoke_test", "shift"}) {
      Call call(verb);
      if (call.verb == "shift") call.args["percent"] = 50;
      Outcome outcome = co_await performer.perform(std::move(call));
      if (!outcome.ok()) co_return std::move(outcome);
    }
    std::thread([this] { limits_.stuck(); }).detach();
    for (;;) ::pause();
  }

  Task<Outcome> undo(std::string, Performer&) override {
    Outcome never;
    co_return std::move(never);
  }

 private:
  std::string on_rollback_;
  ScriptLimits limits_;
  StrategyInfo info_;
};

class StuckScripts : public ScriptRuntime {
 public:
  explicit StuckScripts(std::string on_rollback) : on_rollback_(std::move(on_rollback)) {}

  Result<AppFile> load_app(std::string name, ReadFile files, ReadEnvironment environment) override {
    return real_->load_app(std::move(name), std::move(files), std::move(environment));
  }
  Result<std::unique_ptr<Script>> load_strategy(std::string, ReadFile, ScriptLimits limits) override {
    return std::unique_ptr<Script>(std::make_unique<StuckScript>(on_rollback_, std::move(limits)));
  }
  std::string library() const override { return "stuck"; }
  const std::vector<Source>& bundled() const override { return real_->bundled(); }

 private:
  std::string on_rollback_;
  std::unique_ptr<ScriptRuntime> real_ = lua::make_runtime({});
};

class Silent : public Reporter {
 public:
  void report(const Event&) override {}
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const std::filesystem::path program = argv[1];
  Settings settings;
  settings.state_root = argv[3];
  settings.program = {program.string(), "-f", argv[2], "--state", argv[3], "--json"};
  settings.helpers = program.parent_path();
  settings.by = "test";
  Registry registry;
  register_adapters(registry);
  StuckScripts scripts(argc > 5 ? argv[5] : "");
  Silent reporter;
  Engine engine(settings, registry, scripts, reporter);
  DeployRequest request;
  request.app_file = argv[2];
  request.version = argv[4];
  const auto ending = engine.deploy(request);
  if (ending.error) std::cerr << to_paragraph(*ending.error) << "\n";
  return ending.exit;
}
