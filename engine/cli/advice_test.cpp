#include "cli/advice.hpp"

#include <doctest/doctest.h>

#include "cli/tail.hpp"

using namespace shunt;
using namespace shunt::cli;
using Words = std::vector<std::string>;

TEST_CASE("the next commands are complete: they name the same app and state") {
  Options options;
  options.file = "my app/shunt.lua";
  options.state = "/srv/state";
  Ending drift(3, Error("SH1923", Kind::adapter, "the shares differ",
                        "`shunt repair`, or `shunt repair --accept`, or `shunt repair`"));
  CHECK(next_commands(drift, options) == Words{"shunt -f 'my app/shunt.lua' --state /srv/state repair",
                                               "shunt -f 'my app/shunt.lua' --state /srv/state repair --accept"});
}

TEST_CASE("a deployment that needs an operator can be resumed and shown") {
  Ending stuck(3, Error("SH1916", Kind::adapter, "unfinished", "mend it"));
  stuck.run = "id";
  stuck.state = "needs_operator";
  CHECK(next_commands(stuck, Options()) == Words{"shunt resume id", "shunt show id"});
}

TEST_CASE("where nothing is left to do, or the caller only mistyped, there is no next command") {
  CHECK(next_commands(Ending(0), Options()).empty());
  CHECK(
      next_commands(Ending(2, Error("SH1951", Kind::config, "no", "did you mean `shunt deploy`?")), Options()).empty());
  CHECK(next_commands(Ending(4, Error("SH1806", Kind::adapter, "held", "`shunt abort` it")), Options()).empty());
  CHECK(next_commands(Ending(3, Error("SH1", Kind::adapter, "odd", "an `shunt open end")), Options()).empty());
}

TEST_CASE("words for a shell") {
  CHECK(shell_quoted("v1.2_3-x") == "v1.2_3-x");
  CHECK(shell_quoted("a b") == "'a b'");
  CHECK(shell_quoted("it's $HOME") == "'it'\\''s $HOME'");
  CHECK(shell_quoted("") == "''");
}

TEST_CASE("the tail of a growing text tells what is new") {
  Tail tail;
  CHECK(tail.take({"a", "b"}) == Words{"a", "b"});
  CHECK(tail.take({"a", "b"}).empty());
  CHECK(tail.take({"a", "b", "c"}) == Words{"c"});
  CHECK(tail.take({"c", "d", "e"}) == Words{"d", "e"});  // the window moved
  CHECK(tail.take({"x", "y"}) == Words{"x", "y"});       // another text altogether
  CHECK(tail.take({}).empty());
  CHECK(tail.take({"z"}) == Words{"z"});
}

TEST_CASE("lines that repeat are not lost while the window grows") {
  Tail tail;
  tail.take({"tick", "tick"});
  CHECK(tail.take({"tick", "tick", "tick"}) == Words{"tick"});
}
