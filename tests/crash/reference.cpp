#include "reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace shunt::crash {

std::vector<Story> stories() {
  return {{"blue_green"},
          {"blue_green", true},
          {"blue_green", false, false, {"api", "web"}},
          {"blue_green", true, false, {"api", "web"}},
          {"blue_green", false, true},
          {"gradual"},
          {"gradual", true},
          {"recreate"},
          {"recreate", true},
          {"rollback"}};
}

Reference::Reference(const Story& story) {
  Rehearsal rehearsal(story);
  const auto ending = rehearsal.run({});
  rehearsal.look_at_end(ending);
  INFO(story.name() << ": " << (ending.error ? to_line(*ending.error) : ""));
  for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
  CHECK(ending.state == (story.bad ? "rolled_back" : "succeeded"));
  state = ending.state;
  effects = rehearsal.effects();
  steps = rehearsal.steps();
  calls = static_cast<int>(rehearsal.world.calls.size());
}

void check_one(Rehearsal& rehearsal, const Story& story, const Reference& reference, const std::vector<Death>& deaths) {
  const auto ending = rehearsal.run(deaths);
  rehearsal.look_at_end(ending);
  auto what = story.name();
  for (const auto& death : deaths) what += fmt::format("; {} {}", name_of(death.cut), death.n);
  INFO(what << ": " << ending.state << " " << (ending.error ? to_line(*ending.error) : ""));
  for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
  CHECK(ending.state == reference.state);
  CHECK(fmt::format("{}", fmt::join(rehearsal.effects(), "\n")) ==
        fmt::format("{}", fmt::join(reference.effects, "\n")));
}

void check_one(const Story& story, const Reference& reference, const std::vector<Death>& deaths) {
  Rehearsal rehearsal(story);
  check_one(rehearsal, story, reference, deaths);
}

}  // namespace shunt::crash
