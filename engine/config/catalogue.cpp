#include "config/catalogue.hpp"

#include <algorithm>

namespace shunt {

const std::vector<CodeInfo>& catalogue() {
  static const std::vector<CodeInfo> codes = {
      // --- SH10xx: the app file and other configuration
      {"SH1001", "unknown key", "The table has a key that nobody reads, so it would be silently ignored.",
       "Correct the spelling (the nearest known key is named), or remove it."},
      {"SH1002", "wrong type or value", "The key holds something else than it may hold.",
       "Give the kind of value that the message names."},
      {"SH1003", "missing key", "A key that has no default is absent.", "Add it."},
      {"SH1004", "not available yet", "The key is part of the contract, but this version of shunt does not implement it.",
       "Remove the key, or use a version of shunt that has it."},
      {"SH1005", "no such adapter", "The type names an adapter that is not registered.",
       "`shunt adapters` lists what there is."},
      {"SH1006", "not a duration", "A duration is a string such as 250ms, 3s, 10m, 1h, or a number of seconds.",
       "Write it in one of these forms."},
      {"SH1007", "unknown option", "The strategy does not declare an option of this name.",
       "`shunt strategies` lists the options of each."},
      {"SH1008", "wrong type of option", "The option was declared with another type.", "Give the type that is declared."},
      {"SH1009", "secret cannot be read", "The environment variable, file or command behind a secret gave no value.",
       "Make it readable for the user that runs shunt."},
      // --- SH11xx: loading a script (LOAD)
      // --- SH12xx: running a script (RUN)
      // --- SH13xx: guard rails
      // --- SH14xx: runtimes
      // --- SH15xx: proxies
      // --- SH16xx: metrics and gates
      // --- SH17xx: HTTP, commands, probes
      // --- SH18xx: store and locks
      // --- SH19xx: usage, situations, operator
  };
  return codes;
}

const CodeInfo* find_code(std::string_view code) {
  const auto& codes = catalogue();
  const auto found = std::find_if(codes.begin(), codes.end(), [&](const CodeInfo& info) { return info.code == code; });
  return found == codes.end() ? nullptr : &*found;
}

}  // namespace shunt
