// A deployment that was killed goes on: with the text it began with, and with an operator's word where nobody can know.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <csignal>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

// blue_green with something of its own between the switch and the end.
std::string careful(const std::string& middle) {
  return R"(return { api = 1, summary = "Careful.", run = function(deploy)
  deploy:run_checks()
  local new = deploy:launch()
  new:await_healthy()
  new:smoke_test()
  deploy:shift(100)
)" + middle +
         R"(
  deploy:retire_old()
end })";
}

void kill(shunt::harness::Program& program) {
  program.signal(SIGKILL);
  REQUIRE(eventually(30s, [&] { return program.wait(200ms).has_value(); }));
}

// Whoever inherited it may take a moment to reap it.
bool is_gone(int pid) {
  return eventually(5s, [&] { return !std::filesystem::exists("/proc/" + std::to_string(pid)); });
}

std::string id_of_last(Site& site) {
  return site.status()["deployment"]["id"];
}

// v1 serves in blue; v2 has all the traffic and its middle has begun.
shunt::harness::Program interrupted(Site& site) {
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto running = site.start({"deploy", "v2", "--strategy", "careful.lua"});
  REQUIRE(eventually(20s, [&] { return site.proxy->stat("blue", "weight") == "0" && site.serving() == "v2"; }));
  std::this_thread::sleep_for(700ms);
  kill(running);
  return running;
}

}  // namespace

TEST_CASE("a strategy and an app file that were edited, deleted or broken meanwhile: the stored text goes on") {
  for (const auto* what : {"edited", "deleted", "broken"}) {
    INFO(what);
    Site site;
    site.folder.write("careful.lua", careful("  deploy:soak(\"3s\")"));
    interrupted(site);
    const auto app = site.app_text();
    if (std::string(what) == "edited") {
      site.folder.write("careful.lua", careful("  deploy:fail(\"never\")"));
    } else if (std::string(what) == "deleted") {
      std::filesystem::remove(site.folder / "careful.lua");
    } else {
      site.folder.write("careful.lua", "return {");
      site.write_app("return {");
    }
    const auto resumed = site.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK(resumed.code == 0);
    CHECK(resumed.text().find("careful.lua has been changed since this deployment began") != std::string::npos);
    CHECK(site.serving() == "v2");
    CHECK(site.shops().size() == 1);
    site.write_app(app);
    CHECK(site.shunt({"status"}).code == 0);
  }
}

TEST_CASE("a program that was running, and must not run twice: 3, and resolve goes on") {
  Site site;
  site.folder.write("careful.lua", careful("  exec.run({ \"sh\", \"-c\", \"echo once >> done; sleep 3\" })"));
  interrupted(site);
  const auto asked = site.shunt({"resume"});
  CAPTURE(asked.text());
  CHECK(asked.code == 3);
  CHECK(asked.text().find("SH1942") != std::string::npos);
  const auto id = id_of_last(site);
  CHECK(asked.text().find("shunt resolve " + id + " adopt") != std::string::npos);
  CHECK(site.serving() == "v2");
  CHECK(asked.text().find("v2 (green) serves, as last seen") != std::string::npos);
  const auto refused = site.shunt({"deploy", "v3"});
  CHECK(refused.code == 3);
  CHECK(refused.text().find("shunt resolve " + id + " adopt") != std::string::npos);
  CHECK(site.shunt({"resume", "--all"}).code == 0);  // nothing that it could go on with
  const auto wrong = site.shunt({"resolve", id, "perhaps", "--reason", "x"});
  CHECK(wrong.code == 2);
  SUBCASE("it was done") {
    const auto resolved = site.shunt({"resolve", id, "adopt", "--reason", "the file is there"});
    CAPTURE(resolved.text());
    CHECK(resolved.code == 0);
    CHECK(site.serving() == "v2");
    CHECK(site.folder.read("done") == "once\n");
  }
  SUBCASE("again") {
    CHECK(site.shunt({"resolve", id, "retry", "--reason", "it may"}).code == 0);
    CHECK(site.serving() == "v2");
    CHECK(site.folder.read("done") == "once\nonce\n");
  }
  SUBCASE("it was not, and shall not be") {
    CHECK(site.shunt({"resolve", id, "skip", "--reason", "no need"}).code == 1);
    CHECK(site.serving() == "v1");
  }
  SUBCASE("left as it is") {
    const auto left = site.shunt({"resolve", id, "abandon", "--reason", "good enough"});
    CAPTURE(left.text());
    CHECK(left.code == 0);
    CHECK(site.serving() == "v2");
    CHECK(site.shops().size() == 2);  // nothing more was done
    CHECK(site.shunt({"status"}).code == 0);
  }
  CHECK(site.shunt({"resolve", id, "retry", "--reason", "x"}).code == 5);
  const auto next = site.shunt({"deploy", "v3"});
  CAPTURE(next.text());
  CHECK(next.code == 0);
  CHECK(site.shops().size() == 1);
}

// What the killed one was running is still alive while the next one begins.
TEST_CASE("a program that outlives shunt is waited for before it runs again; one that only looks is ended") {
  Site site;
  SUBCASE("it changes something") {
    site.folder.write("careful.lua", careful("  exec.run({ \"sh\", \"-c\", \"echo begin >> log; sleep 3; echo end >> "
                                             "log\" }, { idempotent = true })"));
    interrupted(site);
    const auto resumed = site.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK(resumed.code == 0);
    CHECK(resumed.text().find("waits for sh (pid ") != std::string::npos);
    CHECK(site.folder.read("log") == "begin\nend\nbegin\nend\n");
  }
  SUBCASE("and an operator does not wait for it") {
    site.folder.write("careful.lua", careful("  exec.run({ \"sh\", \"-c\", \"echo $$ >> log; exec sleep 50\" }, "
                                             "{ idempotent = true, timeout = \"60s\" })"));
    interrupted(site);
    auto resumed = site.start({"resume"});
    REQUIRE(eventually(10s, [&] { return resumed.output().find("waits for sleep (pid ") != std::string::npos; }));
    CHECK(site.shunt({"abort", "--reason", "enough"}).code == 0);
    const auto exit = resumed.wait(20s);
    CAPTURE(resumed.output());
    REQUIRE(exit);
    CHECK(exit->code == 1);
    CHECK(site.serving() == "v1");
    CHECK(is_gone(std::stoi(site.folder.read("log"))));
  }
  SUBCASE("it only looks") {
    site.folder.write("careful.lua", careful("  probe.command({ command = { \"sh\", \"-c\", \"echo $$ >> log; test -e "
                                             "fast || exec sleep 50\" }, timeout = \"60s\" })"));
    interrupted(site);
    site.folder.write("fast", "");
    const auto resumed = site.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK(resumed.code == 0);
    CHECK(resumed.text().find("waits for") == std::string::npos);
    CHECK(is_gone(std::stoi(site.folder.read("log"))));
  }
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"status"}).code == 0);
}

TEST_CASE("a past deployment can be replayed, and compared with another script") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2", "--strategy", "gradual", "--set", "steps=50,100", "--set", "soak=200ms"}).code ==
          0);
  const auto id = id_of_last(site);
  CHECK(Json::parse(site.shunt({"show", "--json"}).out)["report"]["shadow_replay"]["same"] == true);
  const auto same = site.shunt({"replay", id});
  CAPTURE(same.text());
  CHECK(same.code == 0);
  CHECK(same.text().find("replayed without a difference") != std::string::npos);
  site.folder.write("careful.lua", careful(""));
  const auto other = site.shunt({"replay", id, "--strategy", "careful.lua"});
  CAPTURE(other.text());
  CHECK(other.code == 1);
  CHECK(other.text().find("SH1941") != std::string::npos);
  CHECK(other.text().find("strategies/gradual.lua:") != std::string::npos);
  CHECK(other.text().find("careful.lua:6") != std::string::npos);
  REQUIRE(site.shunt({"rollback"}).code == 0);
  CHECK(site.shunt({"replay", id_of_last(site)}).code == 0);
  CHECK(site.shunt({"replay", "20200101-000000-none"}).code == 2);
}

TEST_CASE("a script that cannot be replayed in another process is found at once") {
  Site site;
  std::string names;
  for (int i = 0; i < 24; ++i) names += fmt::format("n{} = 1, ", i);
  site.folder.write("careful.lua",
                    careful("  for name in pairs({ " + names + " }) do deploy:phase(name, function() end) end"));
  const auto deployed =
      site.shunt({"deploy", "v1", "--strategy", "careful.lua"}, {{"SHUNT_PLANTED", "pairs in hash order"}});
  CAPTURE(deployed.text());
  CHECK(deployed.code == 0);
  CHECK(deployed.text().find("a replay of this deployment differs from its journal") != std::string::npos);
  CHECK(Json::parse(site.shunt({"show", "--json"}).out)["report"]["shadow_replay"]["same"] == false);
}
