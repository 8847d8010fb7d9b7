#include <fmt/format.h>

#include "steps/steps.hpp"

namespace shunt::steps {

Task<Outcome> confirm(Stage, Scope scope, Value args) {
  const std::string question = args.value("question", "go on?");
  Call wait("approval.wait",
            {{"question", question}, {"timeout_ms", args.value("timeout_ms", std::int64_t{3'600'000})}});
  Outcome answer = co_await scope.perform(std::move(wait));
  if (!answer.ok()) co_return std::move(answer);
  const std::string said = answer.value.value("answer", "");
  if (said == "approve") co_return std::move(answer);
  Error error = said == "reject"
                    ? Error("SH1914", Kind::cancelled,
                            fmt::format("'{}' was rejected by {}", question, answer.value.value("by", "")),
                            "see the reason given; deploy again when it is settled")
                    : Error("SH1915", Kind::cancelled, fmt::format("nobody answered '{}' in time", question),
                            "deploy again, and answer with `shunt approve` before the deadline");
  error.control = true;
  error.evidence = answer.value;
  Outcome no(std::move(error));
  co_return std::move(no);
}

}  // namespace shunt::steps
