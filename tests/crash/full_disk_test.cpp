// The disk is full from the n-th commit on: the engine stops at once, and goes on when there is room.
#include <doctest/doctest.h>

#include "config/test_size.hpp"
#include "reference.hpp"

using namespace shunt;
using namespace shunt::crash;

TEST_CASE("the disk is full at every commit position") {
  int runs = 0;
  for (const auto& story : stories()) {
    const Reference reference(story);
    for (int n = 3;;
         n += shunt::test::computed_size(5, 1, 1)) {  // the first is the store's own, the second begins the run
      Rehearsal rehearsal(story);
      rehearsal.store.full_from = n;
      const auto stopped = rehearsal.live();
      if (rehearsal.store.commits() < n - 1 || stopped->exit != 3) break;
      INFO(story.name() << ", full from commit " << n);
      REQUIRE(stopped);
      CHECK(stopped->error->code == "SH1804");
      CHECK(stopped->state.empty());
      rehearsal.store.full_from = 0;
      const auto ending = rehearsal.run({});
      rehearsal.look_at_end(ending);
      for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
      CHECK(ending.state == reference.state);
      CHECK(rehearsal.effects() == reference.effects);
      ++runs;
    }
  }
  MESSAGE(runs, " full disks");
  CHECK(runs > shunt::test::computed_size(25, 50, 50));
}
