// Which routine belongs to which verb.
#include <map>

#include "steps/steps.hpp"

namespace shunt::steps {

Task<Outcome> run(Stage stage, Scope scope, Call call) {
  using Step = Task<Outcome> (*)(Stage, Scope, Value);
  static const std::map<std::string, Step> steps = {
      {"run_checks", run_checks}, {"launch", launch},     {"await_healthy", await_healthy},
      {"smoke_test", smoke_test}, {"shift", shift},       {"swap_singletons", swap_singletons},
      {"traffic", traffic},       {"soak", soak},         {"check_gates", check_gates},
      {"drain", drain},           {"retire", retire},     {"retire_old", retire_old},
      {"stop_old", stop_old},     {"revive", revive},     {"restore", restore},
      {"confirm", confirm},       {"rollback", rollback}, {"go_back_gradually", go_back_gradually},
      {"look_again", look_again},
  };
  const auto step = steps.at(call.verb);
  Value args = std::move(call.args);
  Outcome outcome = co_await step(stage, std::move(scope), std::move(args));
  co_return std::move(outcome);
}

}  // namespace shunt::steps
