// The switch is made, and nobody says so.
#include <doctest/doctest.h>

#include "e2e/switch_story.hpp"

using namespace shunt::e2e;

TEST_CASE("the switch is made, but its answer is lost") {
  check_story(Fault::lost_reply, "lost reply");
}

TEST_CASE("the switch is made, but its answer comes long after the timeout") {
  check_story(Fault::late, "late");
}

TEST_CASE("half an answer during the switch") {
  check_story(Fault::half_answer, "half an answer");
}
