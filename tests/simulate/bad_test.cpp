// Bad strategies: each is found, at its author's line, with few faults or none.
#include <doctest/doctest.h>
#include <chrono>

#include "config/test_size.hpp"
#include "subjects.hpp"

using namespace shunt;
using namespace shunt::simulate;

namespace {

struct Bad {
  std::string file;
  const char* kind;    ///< how it is found
  int line;            ///< of the mistake
  std::size_t faults;  ///< that are needed at most
};

const std::vector<Bad>& all_bad() {
  static const std::vector<Bad> all = {
      {"breaks_when_it_reports.lua", "broken", 13, 1},
      {"depends_on_holes.lua", "replay-equal", 18, 0},
      {"forgets_a_hook.lua", "rollback-restores", 8, 1},
      {"leaves_two_versions.lua", "refused", 9, 0},
      {"loops_for_ever.lua", "never succeeds", 10, 0},
      {"retires_before_the_shift.lua", "refused", 8, 0},
      {"shifts_before_health.lua", "refused", 6, 0},
      {"skips_the_smoke_test.lua", "refused", 7, 0},
      {"spins.lua", "killed", 8, 0},
      {"stops_by_hand_too_early.lua", "refused", 9, 0},
      {"stops_the_old_first.lua", "refused", 5, 0},
      {"swallows_a_breach.lua", "refused", 12, 1},
      {"swallows_a_failed_stop.lua", "nothing-orphaned", 11, 1},
      {"undo_that_breaks.lua", "broken", 7, 1},
  };
  return all;
}

}  // namespace

TEST_CASE("each planted bad strategy is found at its line, in at most three faults") {
  const std::filesystem::path folder = SHUNT_BAD_STRATEGIES;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files += entry.path().extension() == ".lua" ? 1 : 0;
  CHECK(files == all_bad().size());
  CHECK(all_bad().size() >= 12);
  const auto step = static_cast<std::size_t>(shunt::test::computed_size(3, 1, 1));
  for (std::size_t i = 0; i < all_bad().size(); i += step) {
    const auto& bad = all_bad()[i];
    CAPTURE(bad.file);
    Orders orders;
    orders.runs = 4'000;
    orders.workers = 2;
    const auto began = std::chrono::steady_clock::now();
    const auto outcomes = run_campaign(tried::subjects((folder / bad.file).string()), orders);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    REQUIRE(!outcomes.findings.empty());
    const auto& found = outcomes.findings.front();
    INFO(found.kind << ": " << found.what << " at " << found.where.file << ":" << found.where.line);
    CHECK(found.kind == bad.kind);
    CHECK(std::filesystem::path(found.where.file).filename() == bad.file);
    CHECK(found.where.line == bad.line);
    CHECK(found.faults.size() <= bad.faults);
    CHECK(found.timeline.size() > 1);
    MESSAGE(bad.file, ": ", outcomes.runs, " deployments, ", took.count(), " s");
  }
}
