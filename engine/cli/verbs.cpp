#include "cli/verbs.hpp"

#include <algorithm>

namespace shunt::cli {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      {"init", "Write a commented app file", "shunt init --process", declare_init},
      {"deploy", "Run a strategy; returns when it has ended",
       "shunt deploy v2.3.1\nshunt deploy v2.3.1 --strategy gradual --set steps=5,25,100 --set soak=2m",
       declare_deploy},
      {"plan", "Print every step of a deployment without doing any", "shunt plan v2.3.1 --strategy gradual",
       declare_plan},
      {"status", "What is live, what runs, what differs, who is at work", "shunt status\nshunt status --json",
       declare_status},
      {"rollback", "Put the previous release back", "shunt rollback --reason 'checkout is broken'", declare_rollback},
      {"adopt", "Record what already runs as the live release",
       "shunt adopt v1 --as blue\nshunt adopt v1 --as blue --may-stop", declare_adopt},
      {"repair", "Make the world what was recorded", "shunt repair\nshunt repair --accept", declare_repair},
      {"cleanup", "Stop idle colours whose hold is over", "shunt cleanup\nshunt cleanup --due", declare_cleanup},
      {"resume", "Go on with what a crash interrupted", "shunt resume\nshunt resume --all", declare_resume},
      {"resolve", "Decide for a deployment that needs an operator",
       "shunt resolve 20261127-153100-k3x9 adopt --reason 'the table is there'", declare_resolve},
      {"abort", "Tell a running deployment to stop and roll back", "shunt abort --reason 'wrong version'",
       declare_abort},
      {"approve", "Answer yes to a deployment that waits", "shunt approve", declare_approve},
      {"reject", "Answer no to a deployment that waits", "shunt reject --reason 'not before the sale'", declare_reject},
      {"history", "Past deployments", "shunt history -n 5", declare_history},
      {"show", "One deployment in full: timeline, evidence, errors",
       "shunt show\nshunt show --report deployment.html\nshunt show --follow", declare_show},
      {"replay", "Run a past deployment again from its journal, without effects",
       "shunt replay 20261127-153100-k3x9\nshunt replay 20261127-153100-k3x9 --strategy deploy/careful.lua",
       declare_replay},
      {"logs", "Output of the instances", "shunt logs web --only live --follow", declare_logs},
      {"check", "Check app file and strategies without effects", "shunt check\nshunt check deploy/careful.lua",
       declare_check},
      {"test", "Run Lua tests in virtual time", "shunt test\nshunt test deploy/careful_test.lua --filter 'goes back'",
       declare_test},
      {"simulate", "Run a strategy against a modelled world with faults",
       "shunt simulate\nshunt simulate --strategy deploy/careful.lua --runs 10000 --set soak=30s\n"
       "shunt simulate --strategy gradual --crash",
       declare_simulate},
      {"repl", "An interactive prompt in a simulated world", "shunt repl", declare_repl},
      {"types", "Write type definitions for editors", "shunt types\nshunt types deploy/types", declare_types},
      {"strategies", "List the bundled strategies and their options", "shunt strategies", declare_strategies},
      {"adapters", "List the adapters, or the keys of one", "shunt adapters\nshunt adapters process", declare_adapters},
      {"explain", "Explain an error code", "shunt explain SH1001", declare_explain},
      {"doctor", "Check that every configured system can be reached, and keeps what it is told", "shunt doctor",
       declare_doctor},
      {"version", "Print the version", "shunt version", declare_version},

      {"migrate", "Run database migrations", "", nullptr},
  };
  return all;
}

const Verb* find_verb(std::string_view name) {
  const auto& all = verbs();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Verb& verb) { return verb.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace shunt::cli
