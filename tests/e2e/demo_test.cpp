// script/demo as a newcomer runs it, with the programs of this build.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <csignal>

#include "harness/harness.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

// What the demo starts inherits MARK, so that processes_of() knows it.
Command demo(const TemporaryFolder& folder) {
  const auto source = source_folder();
  Command command;
  command.argv = {(source / "script/demo").string(), "--build-dir", shunt_program().parent_path().string(), "--keep",
                  (folder / "kept").string()};
  command.env = {{"MARK", folder.path().string()}, {"GITHUB_ACTIONS", ""}};
  command.cwd = source;
  return command;
}

}  // namespace

TEST_CASE("the demo ends 0, loses no request, draws what happened, and leaves nothing running") {
  const TemporaryFolder folder;
  const auto ran = run(demo(folder), 110s);
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);
  for (const auto* promised : {"$ shunt deploy v2", "rolled back (exit 1): v2 (green) serves", "\nLost requests: 0 "})
    CHECK_MESSAGE(ran.out.find(promised) != std::string::npos, promised);
  const auto picture = folder.read("kept/demo.svg");
  for (const auto* drawn : {"deploy v3", "rollback", "lost requests: 0"})
    CHECK_MESSAGE(picture.find(drawn) != std::string::npos, drawn);
  CHECK(processes_of(folder.path()).empty());
}

TEST_CASE("the demo, interrupted, ends 130 and leaves nothing running") {
  const TemporaryFolder folder;
  Program program(demo(folder));
  program.start();
  const bool deploys =
      eventually(30s, [&] { return program.out().find("traffic web: blue 90 %") != std::string::npos; });
  CHECK_MESSAGE(deploys, program.output());
  CHECK(processes_of(folder.path()).size() > 4);
  program.signal(SIGTERM);
  const Exit interrupted{130, 0};
  CHECK_MESSAGE(program.wait(30s) == interrupted, program.output());
  CHECK(program.out().find("rolled back after") != std::string::npos);
  CHECK(processes_of(folder.path()).empty());
}
