// The last of the tests: they run in the order of their files' names.
#include <doctest/doctest.h>

#include "docs/book.hpp"

using namespace shunt::docs;

TEST_CASE("no code block is left that nobody executes") {
  const auto left = book().left();
  for (const auto& block : left) MESSAGE("not executed: ", block);
  CHECK(left.empty());
}
