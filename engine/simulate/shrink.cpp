#include "simulate/shrink.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "deploy/timeline.hpp"

namespace shunt::simulate {

namespace {

constexpr int most_tries = 200;
constexpr int looks_at_chance = 8;

class Shrinking {
 public:
  Shrinking(const Subject& subject, Finding& finding) : subject_(subject), finding_(finding) {}

  void run() {
    try_seed(0);
    for (bool smaller = true; smaller && tries_ < most_tries;) {
      smaller = false;
      for (std::size_t i = 0; i < finding_.faults.size(); ++i) smaller = without(i) || smaller;
    }
    for (std::size_t i = 0; i < finding_.faults.size(); ++i) make_plain(i);
  }

 private:
  // Whether these faults show it, too; then they are taken. What depends on Lua's hashes shows by chance: it is looked
  // for more than once.
  bool shows(const Faults& faults, std::uint64_t seed) {
    const int looks = finding_.kind == "replay-equal" ? looks_at_chance : 1;
    for (int look = 0; look < looks; ++look)
      if (shows_at_once(faults, seed)) return true;
    return false;
  }

  bool shows_at_once(const Faults& faults, std::uint64_t seed) {
    if (++tries_ > most_tries) return false;
    Trial trial(subject_, faults, seed);
    auto found = finding_in(trial.run());
    if (!found || found->kind != finding_.kind) return false;
    found->faults = faults;
    found->seed = seed;
    finding_ = std::move(*found);
    return true;
  }

  void try_seed(std::uint64_t seed) {
    if (finding_.seed != seed) shows(finding_.faults, seed);
  }

  bool without(std::size_t index) {
    auto fewer = finding_.faults;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(index));
    return shows(fewer, finding_.seed);
  }

  // An option that it does not need is left out.
  void make_plain(std::size_t index) {
    for (const char* option : {"times", "away_ms", "side", "from_share", "during_ms", "at_ms", "after_step", "nth"}) {
      auto plainer = finding_.faults;
      if (plainer[index].args.erase(option) > 0) shows(plainer, finding_.seed);
    }
  }

  const Subject& subject_;
  Finding& finding_;
  int tries_ = 0;
};

}  // namespace

Finding shrink(const Subject& subject, Finding finding) {
  Shrinking(subject, finding).run();
  return finding;
}

Value timeline_of(Trial& trial) {
  auto timeline = deploy::timeline_of(trial.store().journal(), trial.began());
  for (const auto& [at_ms, fault] : trial.happened())
    timeline.push_back({{"at_ms", at_ms}, {"kind", "fault"}, {"verb", to_lua(fault)}, {"branch", "0"}, {"seq", 0}});
  std::stable_sort(timeline.begin(), timeline.end(),
                   [](const Value& one, const Value& other) { return one["at_ms"] < other["at_ms"]; });
  return timeline;
}

Finding explain(const Subject& subject, Finding finding) {
  Trial trial(subject, finding.faults, finding.seed);
  trial.run();
  finding.timeline = timeline_of(trial);
  return finding;
}

std::string to_test(const Deployment& deployment, const Finding& finding) {
  std::string text = fmt::format("test({}, function()\n  local world = sim.world {{ version = {}{} }}\n",
                                 to_text(finding.kind + ": " + finding.what), to_text(deployment.next.version),
                                 finding.seed == 0 ? "" : fmt::format(", seed = {}", finding.seed));
  for (const auto& fault : finding.faults) text += "  " + to_lua(fault) + "\n";
  return text + fmt::format("  local outcome = world:deploy({})\n  expect(outcome.violations):equals({{}})\nend)\n",
                            to_text(deployment.strategy));
}

}  // namespace shunt::simulate
