#include "cli/answer.hpp"

namespace shunt::cli {

Action declare_abort(CLI::App& command) {
  return declare_answer(command, "abort", "ID", "the deployment (default: the one that runs)");
}

}  // namespace shunt::cli
