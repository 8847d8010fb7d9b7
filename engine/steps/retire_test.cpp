// Drained to a counted zero, then stopped; and downtime on purpose.
#include <doctest/doctest.h>
#include <algorithm>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Lines = std::vector<std::string>;

/// A rig whose new version has all the traffic.
struct Switched {
  Rig rig;

  explicit Switched(Deployment deployment = two_versions()) : rig(std::move(deployment)) {
    REQUIRE(
        rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test"), Call("shift", {{"percent", 100}})})
            .ok());
    rig.world.calls.clear();
    began = rig.world.now();
  }

  std::optional<int>& in_flight() { return rig.world.proxies.at("web").in_flight.blue; }
  std::int64_t elapsed() { return rig.world.now() - began; }
  Lines stops() const { return rig.world.lines({"instances.stop"}); }

  std::int64_t began = 0;
};

Deployment with_downtime(const std::vector<std::string>& services = {"web"}) {
  auto deployment = two_versions(services);
  deployment.downtime = true;
  return deployment;
}

}  // namespace

TEST_CASE("a drain is over when nothing was in flight for one second") {
  Switched it;
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.elapsed() >= 1'000);
  CHECK(it.elapsed() < 1'200);
  CHECK(it.stops() == Lines{"instances.stop web blue shop-web-blue-0"});
  CHECK(it.rig.told("warning").empty());
}

TEST_CASE("a request in between begins the second anew") {
  Switched it;
  it.rig.world.before = [&](const Call&) { it.in_flight() = it.elapsed() > 700 && it.elapsed() < 2'000 ? 3 : 0; };
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.elapsed() >= 3'000);
  CHECK(it.elapsed() < 3'500);
}

TEST_CASE("unknown is not zero: what cannot be counted drains for the full time") {
  for (const bool fails : {false, true}) {
    Switched it;
    it.in_flight() = std::nullopt;
    if (fails)
      it.rig.world.trouble = [](const Call& call, int, int) {
        return call.verb == "proxy.in_flight" ? Trouble::unreachable : Trouble::none;
      };
    REQUIRE(it.rig.perform("retire_old").ok());
    CHECK(it.elapsed() >= 5'000);
    CHECK(it.elapsed() < 5'200);
    REQUIRE(it.rig.told("warning").size() == 1);
    CHECK(it.rig.told("warning")[0].find("cannot be counted") != std::string::npos);
    CHECK(it.stops().size() == 1);
  }
}

TEST_CASE("clients that a cookie keeps there are sent elsewhere at the drain's end, before anything is stopped") {
  for (const std::optional<int> held : {std::optional<int>(2), std::optional<int>(0)}) {
    Switched it;
    it.rig.world.proxies.at("web").sticky = true;
    it.in_flight() = held;
    REQUIRE(it.rig.perform("retire_old").ok());
    CHECK(it.rig.world.lines({"proxy.close", "instances.stop"}) ==
          Lines{"proxy.close web blue", "instances.stop web blue shop-web-blue-0"});
    CHECK(it.elapsed() >= (held == 0 ? 2'000 : 6'000));
    CHECK(it.elapsed() < (held == 0 ? 2'500 : 6'500));
    CHECK(it.rig.told("warning").empty());
  }
}

TEST_CASE("a proxy that keeps no clients is not closed; one that cannot be closed stops nobody") {
  Switched plain;
  REQUIRE(plain.rig.perform("retire_old").ok());
  CHECK(plain.rig.world.lines({"proxy.close"}).empty());

  Switched broken;
  broken.rig.world.proxies.at("web").sticky = true;
  broken.rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "proxy.close" ? Trouble::unreachable : Trouble::none;
  };
  CHECK_FALSE(broken.rig.perform("retire_old").ok());
  CHECK(broken.stops().empty());
}

TEST_CASE("a drain has a cap, and says what was still in flight") {
  Switched it;
  it.in_flight() = 2;
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.elapsed() >= 5'000);
  CHECK(it.elapsed() < 5'200);
  REQUIRE(it.rig.told("warning").size() == 1);
  CHECK(it.rig.told("warning")[0].find("2 requests were still in flight") != std::string::npos);
}

TEST_CASE("services drain at the same time and stop in reverse order, none before all have drained") {
  Switched it(two_versions({"api", "web"}));
  it.rig.world.proxies.at("api").in_flight.blue = std::nullopt;
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.elapsed() < 5'300);
  CHECK(it.stops() == Lines{"instances.stop web blue shop-web-blue-0", "instances.stop api blue shop-api-blue-0"});
  const auto lines = it.rig.world.lines({"proxy.in_flight", "instances.stop"});
  const auto last_count = std::find(lines.rbegin(), lines.rend(), "proxy.in_flight api blue");
  CHECK(std::find(lines.rbegin(), last_count, "instances.stop web blue shop-web-blue-0") != last_count);
}

TEST_CASE("a proxy that forgets during the drain is told again, and the drain begins anew") {
  Switched it;
  bool restarted = false;
  it.rig.world.before = [&](const Call&) {
    if (restarted || it.elapsed() < 500) return;
    restarted = true;
    it.rig.world.restart_proxy("web");
  };
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.rig.world.lines({"proxy.set", "instances.stop"}) ==
        Lines{"proxy.set web 100/100", "proxy.set web 0/100", "instances.stop web blue shop-web-blue-0"});
  CHECK(it.elapsed() >= 2'000);
}

TEST_CASE("shares that somebody changes during the drain keep the old version alive") {
  Switched it;
  it.rig.world.before = [&](const Call&) {
    if (it.elapsed() >= 500) it.rig.world.proxies.at("web").weights = Weights(30, 70);
  };
  CHECK(code_of(it.rig.perform("retire_old")) == "SH1913");
  CHECK(it.stops().empty());
}

TEST_CASE("what has traffic is not retired") {
  Switched it;
  it.rig.world.calls.clear();
  CHECK(code_of(it.rig.perform("retire", {{"color", "green"}})) == "SH1321");
  CHECK(it.stops().empty());
  CHECK(it.rig.world.lines({"proxy.set"}).empty());
}

TEST_CASE("a weight that reaches nobody is taken away, then the rest is stopped") {
  Switched it;
  it.rig.world.instances.at("shop-web-blue-0").sick = true;
  it.rig.machinery.guard.facts().proxies.at("web").told = Weights(100, 100);
  it.rig.world.proxies.at("web").weights = Weights(100, 100);
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.rig.world.lines({"proxy.set"}) == Lines{"proxy.set web 0/100"});
  CHECK_FALSE(it.rig.world.runs(Colour::blue));
}

TEST_CASE("a stop that does not get through is tried again") {
  Switched it;
  it.rig.world.trouble = [](const Call& call, int, int of_verb) {
    return call.verb == "instances.stop" && of_verb == 1 ? Trouble::late : Trouble::none;
  };
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.stops().size() == 2);
}

TEST_CASE("with a hold nothing is stopped yet, and nothing is committed") {
  Switched it;
  REQUIRE(it.rig.perform("retire_old", {{"hold_ms", 60'000}}).ok());
  CHECK(it.stops().empty());
  CHECK_FALSE(it.rig.facts().committed);
  CHECK(it.rig.facts().hold_ms == 60'000);
}

TEST_CASE("in a first deployment there is no old one to retire") {
  Switched it(first_version());
  REQUIRE(it.rig.perform("retire_old").ok());
  CHECK(it.rig.world.calls.empty());
}

TEST_CASE("stop_old takes the traffic away, drains and stops, and registers how to get it back first") {
  Rig rig(with_downtime({"api", "web"}));
  std::size_t hooks_at_first_set = 0;
  rig.world.before = [&](const Call& call) {
    if (call.verb == "proxy.set" && hooks_at_first_set == 0) hooks_at_first_set = rig.machinery.journal.hooks().size();
  };
  REQUIRE(rig.perform("stop_old").ok());
  CHECK(hooks_at_first_set == 2);  // revive, restore
  CHECK(rig.world.lines({"proxy.set", "instances.stop"}) == Lines{"proxy.set api 0/0", "proxy.set web 0/0",
                                                                  "instances.stop web blue shop-web-blue-0",
                                                                  "instances.stop api blue shop-api-blue-0"});
  CHECK_FALSE(rig.facts().committed);
}

TEST_CASE("stop_old has nothing to do in a first deployment") {
  auto deployment = first_version();
  deployment.downtime = true;
  Rig rig(deployment);
  CHECK(rig.perform("stop_old").ok());
  CHECK(rig.world.calls.empty());
}

TEST_CASE("revive starts what does not run, waits for what its runtime starts again, and leaves alone what is ready") {
  Rig ready(with_downtime());
  REQUIRE(ready.perform("revive", {{"color", "blue"}}).ok());
  CHECK(ready.world.lines({"instances.start"}).empty());

  Rig gone(with_downtime());
  gone.world.instances.clear();
  REQUIRE(gone.perform("revive", {{"color", "blue"}}).ok());
  CHECK(gone.world.lines({"instances.start"}) == Lines{"instances.start web blue 0"});
  CHECK(gone.facts().healthy.count({"web", Colour::blue}) == 1);

  Rig restarting(with_downtime());
  auto& instance = restarting.world.instances.at("shop-web-blue-0");
  instance.state = "restarting";
  restarting.world.before = [&](const Call& call) {
    if (call.verb == "clock.sleep") instance.state = "running";
  };
  REQUIRE(restarting.perform("revive", {{"color", "blue"}}).ok());
  CHECK(restarting.world.lines({"instances.start"}).empty());
}

TEST_CASE("revive tries again what does not get through") {
  Rig rig(with_downtime());
  rig.world.instances.clear();
  rig.world.trouble = [](const Call& call, int, int of_verb) {
    const bool asked = call.verb == "instances.start" || call.verb == "instances.health";
    return asked && of_verb <= 2 ? Trouble::unreachable : Trouble::none;
  };
  CHECK(rig.perform("revive", {{"color", "blue"}}).ok());
}
