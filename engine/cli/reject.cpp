#include "cli/answer.hpp"

namespace shunt::cli {

Action declare_reject(CLI::App& command) {
  return declare_answer(command, "reject", "ID|QUESTION", "the deployment, or its question (default: what is open)");
}

}  // namespace shunt::cli
