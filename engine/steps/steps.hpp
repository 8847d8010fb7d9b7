// The composite steps: loops, order and waiting; all they touch, they touch through their scope.
#pragma once

#include "steps/stage.hpp"

namespace shunt::steps {

Task<Outcome> run_checks(Stage stage, Scope scope, Value args);
Task<Outcome> launch(Stage stage, Scope scope, Value args);
Task<Outcome> await_healthy(Stage stage, Scope scope, Value args);
Task<Outcome> smoke_test(Stage stage, Scope scope, Value args);
Task<Outcome> shift(Stage stage, Scope scope, Value args);
Task<Outcome> swap_singletons(Stage stage, Scope scope, Value args);
Task<Outcome> traffic(Stage stage, Scope scope, Value args);
Task<Outcome> soak(Stage stage, Scope scope, Value args);
Task<Outcome> go_back_gradually(Stage stage, Scope scope, Value args);
Task<Outcome> check_gates(Stage stage, Scope scope, Value args);
Task<Outcome> drain(Stage stage, Scope scope, Value args);
Task<Outcome> retire(Stage stage, Scope scope, Value args);
Task<Outcome> retire_old(Stage stage, Scope scope, Value args);
Task<Outcome> stop_old(Stage stage, Scope scope, Value args);
Task<Outcome> revive(Stage stage, Scope scope, Value args);
Task<Outcome> restore(Stage stage, Scope scope, Value args);
Task<Outcome> confirm(Stage stage, Scope scope, Value args);
Task<Outcome> rollback(Stage stage, Scope scope, Value args);
Task<Outcome> look_again(Stage stage, Scope scope, Value args);

}  // namespace shunt::steps
