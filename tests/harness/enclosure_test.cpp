#include "harness/enclosure.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <optional>

#include "harness/eventually.hpp"
#include "harness/folder.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

TEST_CASE("what runs in an enclosure sees its own processes, groups and places for state") {
  const TemporaryFolder folder;
  const Enclosure enclosure(folder.path());
  const auto inside = [&](const std::string& script) { return run({enclosure.command({"sh", "-c", script})}).out; };
  CHECK(inside("ls -A /run /opt /var/lib") == "/opt:\n\n/run:\n\n/var/lib:\n");
  CHECK(inside("cat /proc/1/comm") == "enclosure.sh\n");
  CHECK(inside("cut -d: -f3 /proc/self/cgroup | sort -u") == "/engine\n");
  CHECK(inside("touch " + (folder / "file").string()) == "");
  CHECK(std::filesystem::exists(folder / "file"));
}

TEST_CASE("what an enclosure holds has a pid outside, and ends with it, whoever its parent is") {
  const TemporaryFolder folder;
  std::optional<Enclosure> enclosure(folder.path());
  CHECK(eventually(5s, [&] { return enclosure->processes("sleep").size() == 1; }));  // its own
  Program parent({enclosure->command({"sh", "-c", "setsid sleep 1000 & setsid sleep 1000 &"})});
  CHECK(parent.start().wait(5s) == Exit{0, 0});
  Program waiting({enclosure->command({"sleep", "1000"})});
  waiting.start();
  REQUIRE(eventually(5s, [&] { return enclosure->processes("sleep").size() == 4; }));
  const auto all = enclosure->processes();
  CHECK(std::count(all.begin(), all.end(), child_of(waiting.pid())) == 1);
  enclosure.reset();
  CHECK(waiting.wait(5s) == Exit{-1, SIGKILL});
  for (const auto pid : all) CHECK(::kill(pid, 0) != 0);
}
