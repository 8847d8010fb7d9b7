// Instances outlive shunt, however it ends; and `stop` leaves nothing of them.
#include <doctest/doctest.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include "e2e/site.hpp"
#include "e2e/terminal.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using shunt::harness::processes_of;
using namespace std::chrono_literals;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Everything that a runner ends with its job: the job's group, whatever is in its session (the test's own), and
// whatever carries its mark.
std::vector<pid_t> found_by_runner(const Site& site, pid_t job, const std::string& mark) {
  std::vector<pid_t> found;
  for (const auto pid : processes_of(site.folder.path())) {
    const bool marked = text_of("/proc/" + std::to_string(pid) + "/environ").find(mark) != std::string::npos;
    if (marked || ::getpgid(pid) == job || ::getsid(pid) == ::getsid(0)) found.push_back(pid);
  }
  return found;
}

}  // namespace

TEST_CASE("shunt ended, and was killed: both versions stand") {
  Site site(long_soak());
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return switched(site); }));
  const auto before = site.shops();
  CHECK(before.size() == 2);
  running.signal(SIGKILL);
  REQUIRE(running.wait(5s));
  CHECK(site.shops() == before);
  CHECK(site.serving() == "v2");
  CHECK(site.answers_of(site.blue) >= 0);
  const auto status = site.status();
  CHECK(status["deployment"]["state"] == "running");
  CHECK(status["lock"].is_null());
}

TEST_CASE("the job of a CI runner ended: its group, its session and what carries its mark are killed") {
  Site site;
  auto command = site.command({"deploy", "v1"}, {{"RUNNER_TRACKING_ID", "github_4711"}});
  shunt::harness::Program job(command);
  job.start();
  const auto exit = job.wait(30s);
  CAPTURE(job.output());
  REQUIRE(exit);
  REQUIRE(exit->code == 0);
  const auto instances = site.shops();
  REQUIRE(instances.size() == 1);
  auto found = found_by_runner(site, job.pid(), "github_4711");
  std::erase_if(found, [&](pid_t pid) { return ::getpgid(pid) == ::getpgid(site.proxy->program().pid()); });
  CHECK(found.empty());
  for (const auto pid : found) ::kill(pid, SIGKILL);
  CHECK(site.serving() == "v1");
  CHECK(site.shops() == instances);
}

TEST_CASE("the terminal is closed: the deployment goes on without it to its end, and so do the instances") {
  auto options = long_soak();
  options.options = "soak = \"2s\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  Terminal terminal(site.command({"deploy", "v2"}));
  REQUIRE(eventually(20s, [&] { return switched(site); }));
  terminal.hang_up();
  const auto exit = terminal.wait(30s);
  REQUIRE(exit);
  CHECK(*exit == shunt::harness::Exit{0, 0});
  CHECK(site.serving() == "v2");
  CHECK(site.shops().size() == 1);
  CHECK(site.status()["deployment"]["state"] == "succeeded");
}

TEST_CASE("a version that crashes soon after it was ready never gets traffic") {
  SiteOptions options;
  options.health_timeout = "10s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto load = shunt::harness::Load::hey(site.url(), 4, 60s);
  SUBCASE("it crashes at once") {
    options.command_more = "\"--exit\", \"3\",";
  }
  SUBCASE("it crashes after its health check, and the strategy looks away") {
    options.command_more = "\"--crash-after\", \"700\", \"--exit\", \"3\",";
    site.folder.write("slow.lua",
                      "return { api = 1, summary = \"waits\", run = function(deploy)\n"
                      "  local new = deploy:launch()\n  new:await_healthy()\n  new:smoke_test()\n"
                      "  clock.sleep(\"1s\")\n  deploy:shift(100)\nend }\n");
    options.strategy = "slow.lua";
    options.options.clear();
  }
  site.configure(options);
  auto running = site.start({"deploy", "v2"});
  bool seen = false;
  const bool ended = eventually(40s, [&] {
    seen = seen || site.serving() == "v2";
    return !running.alive();
  });
  const auto told = load.stop();
  const auto exit = running.wait(1s);
  CAPTURE(running.output());
  REQUIRE(ended);
  CHECK(exit->code == 1);
  CHECK_FALSE(seen);
  CHECK(told.failed() == 0);
  CHECK(site.proxy->stat("green", "stot") == "0");  // not one request went there
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("a version that ends while it is watched goes back, although it is started again") {
  Site site(long_soak());
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  const auto old = site.shops();
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return switched(site); }));
  for (const auto pid : site.shops())
    if (std::find(old.begin(), old.end(), pid) == old.end()) ::kill(pid, SIGKILL);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 1);
  CHECK(running.output().find("SH1315") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops() == old);
}

TEST_CASE("what is stopped is gone with all that it ever started") {
  SiteOptions options;
  options.wrapper = "\"./tree.sh\",";
  Site site(options);
  const auto script =
      site.folder.write("tree.sh",
                        "#!/bin/sh\n"
                        "sh -c 'trap \"\" TERM; sh -c \"trap \\\"\\\" TERM; while :; do sleep 0.2; done\" & "
                        "while :; do sleep 0.2; done' &\n"
                        "setsid sh -c 'trap \"\" TERM; while :; do sleep 0.2; done' &\n"
                        "exec \"$@\"\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const auto tree_of = [&](const std::string& colour) {
    std::vector<pid_t> of_it;
    for (const auto pid : processes_of(site.folder.path()))
      if (text_of("/proc/" + std::to_string(pid) + "/environ").find("SHUNT_INSTANCE=shop-web-" + colour) !=
          std::string::npos)
        of_it.push_back(pid);
    return of_it;
  };
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(eventually(5s, [&] { return tree_of("blue").size() >= 4; }));
  const auto second = site.shunt({"deploy", "v2"});
  CAPTURE(second.text());
  REQUIRE(second.code == 0);
  CHECK(tree_of("blue").empty());
  CHECK(tree_of("green").size() >= 4);
  CHECK(site.serving() == "v2");
}
