// A service that must not run twice: never two of it, whatever becomes of the deployment.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <algorithm>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Lines = std::vector<std::string>;

void make_singleton(Deployment& deployment, const std::string& name) {
  for (auto* side : {&deployment.next, &deployment.prior})
    for (auto& service : side->services) {
      if (service.name != name) continue;
      service.singleton = true;
      service.proxy.clear();
      service.verify = Verify();
    }
}

Deployment with_cron() {
  auto deployment = two_versions({"cron", "web"});
  make_singleton(deployment, "cron");
  return deployment;
}

/// Counts the instances of the singleton at every Call, as the lock that it takes would.
struct Watched {
  Rig rig;
  int most = 0;

  explicit Watched(Deployment deployment = with_cron()) : rig(std::move(deployment)) {
    rig.world.after = [this](const Call&) {
      most = std::max(
          most, static_cast<int>(std::count_if(rig.world.instances.begin(), rig.world.instances.end(),
                                               [](const auto& entry) { return entry.second.service == "cron"; })));
    };
  }

  Lines of_cron() const {
    Lines lines;
    for (const auto& line : rig.world.lines({"instances.start", "instances.stop"}))
      if (line.find(" cron ") != std::string::npos) lines.push_back(line);
    return lines;
  }

  bool cron_runs(Colour colour) const {
    return std::any_of(rig.world.instances.begin(), rig.world.instances.end(), [&](const auto& entry) {
      return entry.second.service == "cron" && entry.second.color == colour;
    });
  }
};

}  // namespace

TEST_CASE("a singleton is swapped once the last proxy confirms 100 %: the old one is gone before the new one starts") {
  Watched it;
  REQUIRE(it.rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
  CHECK(it.of_cron().empty());
  REQUIRE(it.rig.perform("shift", {{"percent", 50}}).ok());
  CHECK(it.of_cron().empty());
  REQUIRE(it.rig.perform("shift", {{"percent", 100}}).ok());
  CHECK(it.of_cron() == Lines{"instances.stop cron blue shop-cron-blue-0", "instances.start cron green 0"});
  CHECK(it.rig.world.effective("web") == Weights(0, 100));
  const auto lines = it.rig.world.lines({"proxy.set", "instances.stop"});
  CHECK(lines.back() == "instances.stop cron blue shop-cron-blue-0");
  CHECK(it.most == 1);
}

TEST_CASE("what follows covers a singleton: its readiness, its smoke tests, the soak") {
  Watched it;
  REQUIRE(it.rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
  const auto probes = [&] {
    const auto lines = it.rig.world.lines({"probe.http"});
    return std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.find(":4000") != line.npos; });
  };
  CHECK(probes() == 0);
  REQUIRE(it.rig.perform("shift", {{"percent", 100}}).ok());
  CHECK(probes() == 1);  // its smoke test
  for (auto& [id, instance] : it.rig.world.instances)
    if (instance.service == "cron") instance.sick = true;
  const auto soaked = it.rig.perform("soak", {{"duration_ms", 20'000}});
  CHECK(code_of(soaked) == "SH1315");
}

TEST_CASE("a failure after the swap brings the old singleton back, after traffic, and never two at once") {
  for (const auto& strategy : {blue_green(5'000), gradual({50, 100}, 5'000), recreate(5'000)}) {
    Watched it;
    it.rig.world.trouble = [](const Call& call, int, int) {
      return call.verb == "instances.health" && call.args.value("service", "") == "cron" &&
                     call.args.value("color", "") == "green"
                 ? Trouble::fail
                 : Trouble::none;
    };
    const auto end = it.rig.deploy(strategy);
    INFO(end.hooks.dump() << (end.error ? to_paragraph(*end.error) : ""));
    CHECK(end.state == "rolled_back");
    CHECK(it.cron_runs(Colour::blue));
    CHECK_FALSE(it.cron_runs(Colour::green));
    CHECK(it.rig.world.effective("web") == Weights(100, 0));
    CHECK(it.most == 1);
  }
}

TEST_CASE("whatever call fails, there are never two of a singleton") {
  for (const auto trouble : {Trouble::fail, Trouble::timeout, Trouble::lost})
    for (int failing = 1; failing < 80; ++failing) {
      INFO("call " << failing << " trouble " << int(trouble));
      Watched it;
      bool struck = false;
      it.rig.world.trouble = [&](const Call&, int n, int) {
        struck = struck || n == failing;
        return n == failing ? trouble : Trouble::none;
      };
      const auto end = it.rig.deploy(blue_green(1'000));
      CHECK(it.most == 1);
      if (end.state != "needs_operator") CHECK(it.cron_runs(end.state == "succeeded" ? Colour::green : Colour::blue));
      if (!struck) break;
    }
}

TEST_CASE("a first deployment starts its singletons; when it fails they are gone") {
  auto first = first_version({"cron", "web"});
  make_singleton(first, "cron");
  Watched it(first);
  CHECK(it.rig.deploy(blue_green(1'000)).state == "succeeded");
  CHECK(it.cron_runs(Colour::blue));

  Watched failing(first);
  failing.rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "instances.health" && call.args.value("service", "") == "cron" ? Trouble::fail : Trouble::none;
  };
  CHECK(failing.rig.deploy(blue_green(1'000)).state == "rolled_back");
  CHECK(failing.rig.world.instances.empty());
}

TEST_CASE("a script cannot start or stop a singleton by itself") {
  Watched it;
  for (const auto* verb : {"launch", "retire"}) {
    const auto refused = it.rig.perform(verb, {{"service", "cron"}, {"color", "green"}});
    CHECK(code_of(refused) == "SH1327");
  }
  CHECK(it.of_cron().empty());
}
