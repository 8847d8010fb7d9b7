// Starting the idle colour and proving it, before it can get anything.
#include <doctest/doctest.h>
#include <algorithm>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Lines = std::vector<std::string>;

/// What an instance of the idle colour answers when it is asked.
void answer_health(Rig& rig, Value answer) {
  rig.world.instead["instances.health"] = [answer](const Call&) { return Outcome(answer); };
}

}  // namespace

TEST_CASE("an idle server loses its weight, and that is read back, before anything starts there") {
  Rig rig(two_versions());
  rig.world.proxies.at("web").weights = Weights(100, 100);  // idle, and nobody runs there
  REQUIRE(rig.perform("launch").ok());
  CHECK(rig.world.lines({"proxy.get", "proxy.set", "instances.start"}) ==
        Lines{"proxy.get web", "proxy.set web 100/0", "proxy.get web", "instances.start web green 0"});
}

TEST_CASE("a proxy that keeps the idle server's weight stops the launch") {
  Rig rig(two_versions());
  rig.world.proxies.at("web").weights = Weights(100, 100);
  rig.world.instead["proxy.set"] = [](const Call&) { return Outcome(); };
  CHECK_FALSE(rig.perform("launch").ok());
  CHECK(rig.world.lines({"instances.start"}).empty());
}

TEST_CASE("without a weight there the proxy is only read") {
  Rig rig(two_versions({"api", "web"}));
  REQUIRE(rig.perform("launch").ok());
  CHECK(rig.world.lines({"proxy.set"}).empty());
  CHECK(rig.world.lines({"instances.start"}) == Lines{"instances.start api green 0", "instances.start web green 0"});
}

TEST_CASE("what still runs in the idle colour is drained and stopped first, never reused") {
  Rig rig(two_versions());
  auto& left = rig.world.instances["shop-web-green-0"];
  left.id = "shop-web-green-0";
  left.service = "web";
  left.color = Colour::green;
  left.run = "an-earlier-run";
  rig.world.proxies.at("web").in_flight.green = std::nullopt;  // cannot be counted
  const auto began = rig.world.now();
  REQUIRE(rig.perform("launch").ok());
  CHECK(rig.world.lines({"instances.stop", "instances.start"}) ==
        Lines{"instances.stop web green shop-web-green-0", "instances.start web green 0"});
  CHECK(rig.world.now() - began >= 5'000);
  CHECK(rig.world.instances.at("shop-web-green-0").run == "this-run");
}

TEST_CASE("one hook stops all that a launch started") {
  Rig rig(two_versions({"api", "web"}));
  REQUIRE(rig.perform("launch").ok());
  const auto& hooks = rig.machinery.journal.hooks();
  REQUIRE(hooks.size() == 1);
  CHECK(hooks[0].tier == effects::Tier::clean_up);
  CHECK(hooks[0].call.args == Value{{"color", "green"}, {"services", {"api", "web"}}});
}

TEST_CASE("readiness is awaited, looked for more often at first") {
  Rig rig(two_versions());
  rig.world.start_ms = 120;
  const auto began = rig.world.now();
  REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy")}).ok());
  CHECK(rig.world.now() - began < 300);
  CHECK(rig.facts().healthy.count({"web", Colour::green}) == 1);
}

TEST_CASE("so many successes in a row; a bad answer begins the count anew") {
  Rig rig(two_versions());
  const std::vector<bool> answers = {true, true, false, true, true, true, true};
  std::size_t next = 0;
  rig.world.instead["instances.health"] = [&](const Call&) {
    return Outcome(Value{{"ok", answers.at(next++)}, {"state", "running"}});
  };
  REQUIRE(rig.perform("await_healthy", {{"successes", 3}}).ok());
  CHECK(next == 6);
}

TEST_CASE("not ready in time: it says so, with the last answer") {
  Rig rig(two_versions());
  rig.world.start_ms = 60'000;
  REQUIRE(rig.perform("launch").ok());
  const auto began = rig.world.now();
  const auto outcome = rig.perform("await_healthy", {{"timeout_ms", 4'000}});
  CHECK(code_of(outcome) == "SH1310");
  CHECK(outcome.error->message.find("within 4s") != std::string::npos);
  CHECK(outcome.error->evidence["error"] == "it answered 500");
  CHECK(rig.world.now() - began >= 4'000);
  CHECK(rig.world.now() - began < 5'500);
  CHECK(rig.facts().healthy.empty());
}

TEST_CASE("a crash loop ends the waiting at the fifth restart that it sees") {
  Rig rig(two_versions());
  const auto began = rig.world.now();
  int restarts = 7;  // of long ago
  rig.world.instead["instances.health"] = [&](const Call&) {
    return Outcome(Value{{"ok", false}, {"state", "restarting"}, {"restarts", restarts++}, {"exit_code", 1}});
  };
  CHECK(code_of(rig.perform("await_healthy")) == "SH1311");
  CHECK(restarts == 13);
  CHECK(rig.world.now() - began < 4'000);
}

TEST_CASE("restarts of long ago, and four seen, are no crash loop") {
  Rig rig(two_versions());
  answer_health(rig, {{"ok", false}, {"state", "restarting"}, {"restarts", 50}});
  CHECK(code_of(rig.perform("await_healthy")) == "SH1310");
  int restarts = 0;
  rig.world.instead["instances.health"] = [&](const Call&) {
    return Outcome(Value{{"ok", false}, {"state", "restarting"}, {"restarts", std::min(4, restarts++)}});
  };
  CHECK(code_of(rig.perform("await_healthy")) == "SH1310");
}

TEST_CASE("somebody else's answer is not the instance's") {
  Rig rig(two_versions());
  REQUIRE(rig.perform("launch").ok());
  rig.world.instances.at("shop-web-green-0").foreign = true;
  const auto outcome = rig.perform("await_healthy");
  CHECK(code_of(outcome) == "SH1312");
  CHECK(outcome.error->message.find("somebody else answers") != std::string::npos);
}

TEST_CASE("a look that does not get through is only not ready yet; one that cannot succeed fails") {
  Rig rig(two_versions());
  rig.world.trouble = [](const Call& call, int, int of_verb) {
    return call.verb == "instances.health" && of_verb <= 3 ? Trouble::timeout : Trouble::none;
  };
  CHECK(rig.perform_all({Call("launch"), Call("await_healthy")}).ok());
  rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "instances.health" ? Trouble::fail : Trouble::none;
  };
  CHECK(code_of(rig.perform("await_healthy")) == "SH1503");
}

TEST_CASE("one service that is not ready ends the wait for the others") {
  Rig rig(two_versions({"api", "web"}));
  REQUIRE(rig.perform("launch").ok());
  rig.world.instances.at("shop-api-green-0").sick = true;
  rig.world.instances.at("shop-web-green-0").foreign = true;
  const auto began = rig.world.now();
  CHECK(code_of(rig.perform("await_healthy")) == "SH1312");
  CHECK(rig.world.now() - began < 1'000);
  CHECK(rig.perform("proxy.get", {{"service", "web"}}).ok());
}

TEST_CASE("smoke tests go straight to the instances; a failure names the test") {
  Rig rig(two_versions());
  REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
  CHECK(rig.world.lines({"probe.http"}) == Lines{"probe.http http://127.0.0.1:4000/"});
  rig.facts().smoked.clear();
  rig.world.instead["probe.http"] = [](const Call&) {
    return Outcome(Value{{"ok", false}, {"error", "it answered 500, wanted was 200"}});
  };
  const auto outcome = rig.perform("smoke_test");
  CHECK(code_of(outcome) == "SH1313");
  CHECK(outcome.error->message.find("'web answers' failed on shop-web-green-0: it answered 500") != std::string::npos);
  CHECK(rig.facts().smoked.empty());
}

TEST_CASE("checks run in order before anything starts, and the first that fails ends them") {
  auto deployment = two_versions();
  for (const auto* name : {"unit tests", "licences", "never run"}) {
    Check check;
    check.name = name;
    check.command = {name};
    deployment.checks.push_back(check);
  }
  Rig rig(deployment);
  rig.world.instead["probe.command"] = [](const Call& call) {
    return Outcome(Value{{"ok", call.args["argv"][0] != "licences"}, {"error", "it ended with 1"}});
  };
  const auto outcome = rig.perform("run_checks");
  CHECK(code_of(outcome) == "SH1314");
  CHECK(outcome.error->message == "the check 'licences' failed: it ended with 1");
  CHECK(rig.world.calls.size() == 2);
}
