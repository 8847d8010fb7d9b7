#include "deploy/timeline.hpp"

#include <set>
#include <string>
#include <utility>

namespace shunt::deploy {

Value timeline_of(const std::vector<store::Entry>& entries, std::int64_t began) {
  Value timeline = Value::array();
  std::multiset<std::pair<std::string, std::string>> open;  // branch and verb
  for (const auto& entry : entries) {
    const auto begun = open.find({entry.branch, entry.verb});
    const bool ends_a_step = begun != open.end() && (entry.kind == "progress" || entry.kind == "result");
    const bool seen_by_the_script = entry.branch == "0";
    if (entry.kind == "timer" || (entry.kind == "progress" && !seen_by_the_script && !ends_a_step)) continue;
    if (ends_a_step) open.erase(begun);
    if (entry.kind == "intent") open.emplace(entry.branch, entry.verb);
    Value line = {{"at_ms", entry.time - began},
                  {"kind", entry.kind},
                  {"verb", entry.verb},
                  {"branch", entry.branch},
                  {"seq", entry.seq}};
    if (!entry.args.is_null() && !entry.args.empty()) line["args"] = entry.args;
    if (entry.body.is_object() && entry.body.contains("error")) line["error"] = entry.body["error"];
    if (entry.kind == "hook" || entry.kind == "operator") line["body"] = entry.body;
    timeline.push_back(std::move(line));
  }
  return timeline;
}

}  // namespace shunt::deploy
