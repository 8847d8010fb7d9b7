#include "cli/answer.hpp"

namespace shunt::cli {

Action declare_approve(CLI::App& command) {
  return declare_answer(command, "approve", "ID|QUESTION", "the deployment, or its question (default: what is open)");
}

}  // namespace shunt::cli
