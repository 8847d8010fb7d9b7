#include "steps/health.hpp"

namespace shunt::steps {

Task<Outcome> look_at_instance(Scope scope, std::string service, Colour colour, int index, std::int64_t timeout_ms) {
  Call look("instances.health",
            {{"service", service}, {"color", name_of(colour)}, {"index", index}, {"timeout_ms", timeout_ms}});
  Outcome answer = co_await scope.perform(std::move(look));
  if (answer.ok() || answer.error->control || !answer.error->retryable) co_return std::move(answer);
  Outcome unknown(Value{{"ok", false}, {"unknown", true}, {"error", answer.error->message}});
  co_return std::move(unknown);
}

}  // namespace shunt::steps
