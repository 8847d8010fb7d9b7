#include "harness/folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "harness/eventually.hpp"
#include "harness/program.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

TEST_CASE("a temporary folder is removed with what is in it") {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    folder.write("a/b.txt", "text");
    CHECK(folder.read("a/b.txt") == "text");
    CHECK(folder.read("missing") == "");
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("processes belong to the folder that their arguments, environment or working directory name") {
  const TemporaryFolder folder;
  const auto name = folder.path().string();
  Program by_argument({{"sh", "-c", "sleep 60; :", name + "/file"}});
  Program by_environment({{"sleep", "60"}, {{"SHUNT_STATE", name}}});
  Program by_directory({{"sleep", "60"}, {}, folder.path()});
  Program other({{"sh", "-c", "sleep 60; :", name + "er"}});
  for (auto* program : {&by_argument, &by_environment, &by_directory, &other}) program->start();

  const auto found = processes_of(folder.path());
  const auto has = [&](const Program& program) { return std::count(found.begin(), found.end(), program.pid()) == 1; };
  CHECK(has(by_argument));
  CHECK(has(by_environment));
  CHECK(has(by_directory));
  CHECK_FALSE(has(other));
}

TEST_CASE("what outlives its starter does not outlive the folder") {
  std::filesystem::path path;
  {
    const TemporaryFolder folder;
    path = folder.path();
    REQUIRE(run({{"sh", "-c", "setsid sh -c '>up; exec sleep 60' & while [ ! -e up ]; do sleep 0.01; done"}, {}, path})
                .code() == 0);
    REQUIRE(processes_of(path).size() == 1);
  }
  CHECK(processes_of(path).empty());
}

TEST_CASE("processes that end while they are looked at are no error") {
  const TemporaryFolder folder;
  Program churn(
      {{"sh", "-c", "i=0; while [ $i -lt 2000 ]; do /bin/true & /bin/true & /bin/true & wait; i=$((i + 1)); done"}});
  churn.start();
  for (int looks = 0; looks < 600 && churn.alive(); ++looks) CHECK(processes_of(folder.path()).empty());
}

TEST_CASE("eventually asks until the answer is yes, and at least once") {
  int asked = 0;
  CHECK(eventually(5s, [&] { return ++asked == 3; }));
  CHECK(asked == 3);
  CHECK_FALSE(eventually(0ms, [&] { return ++asked < 0; }));
  CHECK(asked == 4);
}
