// Several services as one set: all of them switch, or none.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <algorithm>
#include <csignal>

#include "e2e/street.hpp"
#include "shunt/duration.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

using Versions = std::vector<std::string>;

Versions all(std::size_t count, const std::string& version) {
  return Versions(count, version);
}

/// Time of the last event that tells of traffic.
std::string last_confirmed(const Ended& ended) {
  return ended.last("traffic").value("time", "");
}

/// A program that must not run twice: it takes a lock, and notes when it could not.
std::string scheduler(const shunt::harness::TemporaryFolder& folder) {
  folder.write("cron.sh",
               "exec 9>cron.lock\n"
               "flock -n 9 || { echo \"$1\" >> twice; exit 1; }\n"
               "echo \"$1\" >> runs\n"
               "exec sleep 1000\n");
  return R"(    cron = {
      singleton = true,
      runtime = { type = "process", command = { "bash", "cron.sh", "{version}" } },
      health = { command = { "grep", "-qx", "{version}", ")" +
         (folder / "runs").string() + R"(" }, timeout = "2s", interval = "100ms" },
      smoke = { { name = "not twice", command = { "test", "!", "-e", "twice" } } },
    },
)";
}

bool scheduler_runs(const Street& street) {
  return eventually(5s, [&] {
    const auto status = shunt::harness::run({{"flock", "-n", (street.folder / "cron.lock").string(), "true"}});
    return status.code() != 0;
  });
}

}  // namespace

TEST_CASE("one bad service among two, three and five: nothing is switched, all new ones are gone, the old ones stay") {
  for (const int count : {2, 3, 5})
    for (const int bad : {0, count - 1}) {
      INFO(count << " services, the bad one is " << bad);
      Street street(count);
      REQUIRE(street.shunt({"deploy", "v1"}).code == 0);
      const auto before = street.shops();
      const auto weights = street.weights();
      street.houses[static_cast<std::size_t>(bad)].command_more = "\"--unhealthy\",";
      street.configure();
      const auto failed = street.shunt({"--json", "deploy", "v2"});
      CAPTURE(failed.text());
      CHECK(failed.code == 1);
      CHECK(failed.last("traffic").is_null());
      CHECK(street.weights() == weights);
      CHECK(street.serving() == all(street.houses.size(), "v1"));
      CHECK(street.shops() == before);
    }
}

TEST_CASE("all services switch as one set: after the last confirmation nobody sees a mixture, forth and back") {
  Street street(3);
  street.houses[0].more = "after = { \"c\" },";
  street.configure();
  REQUIRE(street.shunt({"deploy", "v1"}).code == 0);
  const auto check = [&](const Ended& ended, std::vector<Visitor::Visit> visits, const std::string& version) {
    CAPTURE(ended.text());
    REQUIRE(ended.code == 0);
    const auto confirmed = last_confirmed(ended);
    REQUIRE(confirmed != "");
    long after = 0;
    for (const auto& visit : visits) {
      CHECK(std::find(visit.versions.begin(), visit.versions.end(), "") == visit.versions.end());
      if (shunt::to_timestamp(visit.began) <= confirmed) continue;
      ++after;
      CHECK(visit.versions == all(3, version));
    }
    CHECK(after > 20);
  };
  {
    Visitor visitor(street);
    const auto ended = street.shunt({"--json", "deploy", "v2", "--set", "hold=1h"});
    std::this_thread::sleep_for(300ms);
    check(ended, visitor.stop(), "v2");
  }
  Visitor visitor(street);
  const auto ended = street.shunt({"--json", "rollback"});
  std::this_thread::sleep_for(300ms);
  check(ended, visitor.stop(), "v1");
}

TEST_CASE("services are launched after those that they name") {
  Street street(3);
  street.houses[0].more = "after = { \"c\" },";
  street.configure();
  const auto ended = street.shunt({"--json", "deploy", "v1"});
  CAPTURE(ended.text());
  REQUIRE(ended.code == 0);
  Versions started;
  for (const auto& event : ended.events())
    if (event.value("event", "") == "step" && event.value("step", "") == "instances.start" &&
        event.value("state", "") == "begin")
      started.push_back(event["args"]["service"]);
  CHECK(started == Versions{"c", "a", "b"});
}

TEST_CASE("a proxy that is deaf after the switch holds nobody else back: the others return first, it follows") {
  Street street(3);
  REQUIRE(street.shunt({"deploy", "v1"}).code == 0);
  auto running = street.start({"deploy", "v2", "--set", "soak=60s"});
  REQUIRE(eventually(20s, [&] { return street.serving() == all(3, "v2"); }));
  street.houses[1].proxy->freeze();
  running.signal(SIGTERM);
  const auto version = [&](std::size_t house) {
    return shunt::harness::http_get(street.houses[house].proxy->url("/")).header("x-version");
  };
  CHECK(eventually(25s, [&] { return version(0) == "v1" && version(2) == "v1"; }));
  CHECK(running.alive());
  street.houses[1].proxy->thaw();
  const auto ended = running.wait(30s);
  REQUIRE(ended);
  CAPTURE(running.output());
  CHECK(ended->code == 130);
  CHECK(street.serving() == all(3, "v1"));
  CHECK(street.shops().size() == 3);
}

TEST_CASE("a singleton never runs twice: in a deployment, a failure, a rollback") {
  Street street(1);
  street.more_services = scheduler(street.folder);
  street.configure();
  const auto first = street.shunt({"deploy", "v1"});
  CAPTURE(first.text());
  REQUIRE(first.code == 0);
  REQUIRE(scheduler_runs(street));
  REQUIRE(street.shunt({"deploy", "v2", "--set", "hold=1h"}).code == 0);
  CHECK(street.folder.read("runs") == "v1\nv2\n");
  // A version that is found bad only after everything has moved.
  street.folder.write("late.lua", R"(return {
  api = 1, summary = "fails after the switch", options = {},
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    deploy:shift(100)
    deploy:fail("on purpose")
  end,
})");
  const auto failed = street.shunt({"deploy", "v3", "--strategy", (street.folder / "late.lua").string()});
  CAPTURE(failed.text());
  CHECK(failed.code == 1);
  CHECK(street.folder.read("runs") == "v1\nv2\nv3\nv2\n");
  CHECK(street.serving() == Versions{"v2"});
  const auto back = street.shunt({"rollback"});
  CAPTURE(back.text());
  CHECK(back.code == 0);
  CHECK(street.folder.read("runs") == "v1\nv2\nv3\nv2\nv1\n");
  CHECK(scheduler_runs(street));
  CHECK_FALSE(std::filesystem::exists(street.folder / "twice"));
}

TEST_CASE("a service that is new in the file, and one that is gone from it") {
  Street street(3);
  auto last = std::move(street.houses.back());
  street.houses.pop_back();
  street.configure();
  REQUIRE(street.shunt({"deploy", "v1"}).code == 0);
  street.houses.push_back(std::move(last));
  street.configure();
  const auto more = street.shunt({"deploy", "v2"});
  CAPTURE(more.text());
  REQUIRE(more.code == 0);
  CHECK(street.serving() == all(3, "v2"));
  // Gone from the file: it answers until the old version is retired, and is stopped then.
  auto gone = std::move(street.houses.front());
  street.houses.erase(street.houses.begin());
  street.configure();
  const auto less = street.shunt({"deploy", "v3"});
  CAPTURE(less.text());
  REQUIRE(less.code == 0);
  CHECK(street.serving() == all(2, "v3"));
  CHECK(street.shops().size() == 2);
  CHECK(gone.proxy->stat("green", "weight") + gone.proxy->stat("blue", "weight") == "00");
  const auto back = street.shunt({"rollback"});
  CAPTURE(back.text());
  CHECK(back.code == 0);
  street.houses.insert(street.houses.begin(), std::move(gone));
  CHECK(street.serving() == all(3, "v2"));
}
