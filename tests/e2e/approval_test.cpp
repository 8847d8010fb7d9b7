// deploy:confirm, and who answers it.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

std::string asking(const std::string& timeout) {
  return "return { api = 1, summary = \"asks\", run = function(deploy)\n"
         "  local new = deploy:launch()\n  new:await_healthy()\n  new:smoke_test()\n"
         "  pcall(deploy.confirm, deploy, \"send users there?\", { timeout = \"" +
         timeout +
         "\" })\n"
         "  deploy:shift(100)\n  deploy:retire_old()\nend }\n";
}

bool waits(Site& site) {
  return site.status()["deployment"]["state"] == "waiting";
}

}  // namespace

TEST_CASE("a question is answered once: approve goes on, reject goes back whatever pcall says") {
  Site site;
  site.folder.write("asks.lua", asking("1h"));
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  for (const auto* verb : {"approve", "reject"}) {
    INFO(verb);
    const auto none = site.shunt({verb});
    CHECK(none.code == 5);
  }

  auto running = site.start({"deploy", "v2", "--strategy", "asks.lua"});
  REQUIRE(eventually(20s, [&] { return waits(site); }));
  CHECK(running.output().find("send users there?") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shunt({"reject", "another question"}).code == 5);  // not what is asked
  const auto rejected = site.shunt({"reject", "--reason", "not today"});
  CAPTURE(rejected.text());
  CHECK(rejected.code == 0);
  auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 1);
  CHECK(running.output().find("SH1914") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"show"}).text().find("not today") != std::string::npos);

  auto again = site.start({"deploy", "v2", "--strategy", "asks.lua"});
  REQUIRE(eventually(20s, [&] { return waits(site); }));
  CHECK(site.shunt({"approve"}).code == 0);
  exit = again.wait(20s);
  CAPTURE(again.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK(site.serving() == "v2");
}

TEST_CASE("nobody answers in time: rolled back") {
  Site site;
  site.folder.write("asks.lua", asking("400ms"));
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto ended = site.shunt({"deploy", "v2", "--strategy", "asks.lua"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(ended.text().find("SH1915") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("an answer, or an abort, that nobody reads: recorded, 3, names resume") {
  Site site;
  site.folder.write("asks.lua", asking("1h"));
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto running = site.start({"deploy", "v2", "--strategy", "asks.lua"});
  REQUIRE(eventually(20s, [&] { return waits(site); }));
  running.kill();
  for (const auto* verb : {"approve", "abort"}) {
    INFO(verb);
    const auto alone = site.shunt({verb});
    CAPTURE(alone.text());
    CHECK(alone.code == 3);
    CHECK(alone.text().find("shunt resume") != std::string::npos);
    CHECK(alone.text().find("next: shunt ") != std::string::npos);
  }
  CHECK(site.shunt({"show", "--follow"}).code == 3);
  const auto resumed = site.shunt({"resume"});
  CHECK(resumed.code == 1);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}
