#include "effects/trouble.hpp"

#include <fmt/format.h>

namespace shunt::effects {

bool is_done(Trouble trouble) {
  return trouble == Trouble::none || trouble == Trouble::lost || trouble == Trouble::late;
}

bool is_late(Trouble trouble) {
  return trouble == Trouble::timeout || trouble == Trouble::late;
}

Error error_of(Trouble trouble, const std::string& verb) {
  const bool unreachable = trouble == Trouble::unreachable;
  const char* code = is_late(trouble) ? "SH1502" : (unreachable ? "SH1501" : "SH1503");
  Error error(code, is_late(trouble) ? Kind::timeout : Kind::adapter, fmt::format("{} was made to fail", verb),
              "it is a simulated fault: see which ones this run was given");
  error.retryable = is_late(trouble) || unreachable;
  return error;
}

Outcome cancelled_call() {
  Error error("SH1902", Kind::cancelled, "it was cancelled", "");
  error.control = true;
  return error;
}

}  // namespace shunt::effects
