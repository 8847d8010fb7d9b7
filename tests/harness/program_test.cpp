#include "harness/program.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>

#include "harness/eventually.hpp"
#include "harness/folder.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

TEST_CASE("a program's outputs and end are kept") {
  const auto ran = run({{"sh", "-c", "echo out; echo err >&2; exit 3"}});
  CHECK(ran.exit == Exit{3, 0});
  CHECK(ran.out == "out\n");
  CHECK(ran.err == "err\n");
}

TEST_CASE("environment, working directory and input are those asked for") {
  const TemporaryFolder folder;
  ::setenv("SHUNT_HARNESS_TEST", "inherited", 1);
  const auto ran = run({{"sh", "-c", "echo $COLOR ${SHUNT_HARNESS_TEST-unset}; pwd; cat"},
                        {{"COLOR", "green"}, {"SHUNT_HARNESS_TEST", ""}},
                        folder.path(),
                        "typed"});
  ::unsetenv("SHUNT_HARNESS_TEST");
  CHECK(ran.out == "green unset\n" + folder.path().string() + "\ntyped");
  CHECK(run({{"cat"}}).out == "");
}

TEST_CASE("what cannot be run says so at once") {
  CHECK_THROWS_AS(Program({{"no-such-program"}}).start(), std::system_error);
  CHECK_THROWS_AS(Program({{"true"}, {}, "/no/such/folder"}).start(), std::system_error);
  CHECK_THROWS_AS(run({{"cat"}, {}, {}, std::string(65537, 'x')}), std::logic_error);
}

TEST_CASE("a program that does not end in time is an error with what it printed") {
  CHECK_THROWS_WITH(run({{"sh", "-c", "echo waiting; exec sleep 60"}}, 300ms),
                    doctest::Contains("still running after 300 ms: $ sh -c echo waiting; exec sleep 60\nwaiting"));
}

TEST_CASE("terminate asks first and kills then") {
  Program polite({{"sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"}});
  Program deaf({{"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"}});
  for (auto* program : {&polite, &deaf}) {
    program->start();
    REQUIRE(eventually(5s, [&] { return program->out() == "ready\n"; }));
  }
  CHECK_THROWS_AS(polite.start(), std::logic_error);
  CHECK(polite.terminate() == Exit{7, 0});
  CHECK_FALSE(polite.alive());
  CHECK(deaf.terminate(200ms) == Exit{-1, SIGKILL});
}

TEST_CASE("killing ends the group, also after its leader") {
  const TemporaryFolder folder;
  Program program({{"sh", "-c", "sleep 60 & exit 0"}, {}, folder.path()});
  CHECK(program.start().wait(5s) == Exit{0, 0});
  REQUIRE(processes_of(folder.path()).size() == 1);
  program.kill();
  CHECK(eventually(5s, [&] { return processes_of(folder.path()).empty(); }));
}

TEST_CASE("a program can be started again, and forgets what it printed") {
  Program program({{"sh", "-c", "echo $$"}});
  program.start().wait(5s);
  const auto first = program.out();
  program.start().wait(5s);
  CHECK(program.out() == std::to_string(program.pid()) + "\n");
  CHECK(program.out() != first);
}

TEST_CASE("nothing is left over when the test itself is killed") {
  const TemporaryFolder folder;
  const pid_t test = ::fork();
  if (test == 0) {
    Program program({{"sleep", "60"}, {}, folder.path()});
    program.start();
    ::raise(SIGKILL);
  }
  ::waitpid(test, nullptr, 0);
  CHECK(eventually(5s, [&] { return processes_of(folder.path()).empty(); }));
}
