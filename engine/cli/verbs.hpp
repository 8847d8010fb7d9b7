// Every verb of the command line.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace shunt::cli {

class Session;

/// What a verb does once its arguments are known; returns the exit code.
using Action = std::function<int(Session&)>;

struct Verb {
  std::string_view name;
  std::string_view summary;  ///< one line
  std::string_view example;  ///< what one types, a line each
  /// Declares the verb's own arguments. Null: the verb comes with a later version.
  Action (*declare)(CLI::App& command);
};

const std::vector<Verb>& verbs();

/// Null when there is no such verb.
const Verb* find_verb(std::string_view name);

Action declare_abort(CLI::App& command);
Action declare_adopt(CLI::App& command);
Action declare_adapters(CLI::App& command);
Action declare_approve(CLI::App& command);
Action declare_check(CLI::App& command);
Action declare_cleanup(CLI::App& command);
Action declare_deploy(CLI::App& command);
Action declare_doctor(CLI::App& command);
Action declare_explain(CLI::App& command);
Action declare_history(CLI::App& command);
Action declare_init(CLI::App& command);
Action declare_logs(CLI::App& command);
Action declare_plan(CLI::App& command);
Action declare_reject(CLI::App& command);
Action declare_repair(CLI::App& command);
Action declare_repl(CLI::App& command);
Action declare_replay(CLI::App& command);
Action declare_resolve(CLI::App& command);
Action declare_resume(CLI::App& command);
Action declare_rollback(CLI::App& command);
Action declare_show(CLI::App& command);
Action declare_simulate(CLI::App& command);
Action declare_status(CLI::App& command);
Action declare_strategies(CLI::App& command);
Action declare_test(CLI::App& command);
Action declare_types(CLI::App& command);
Action declare_version(CLI::App& command);

}  // namespace shunt::cli
