// Going back: tier by tier, traffic only to what is proven, and everything that is left is named.
#include <doctest/doctest.h>
#include <algorithm>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;
using effects::Tier;
using effects::Undo;

namespace {

using Lines = std::vector<std::string>;

/// A rig at a share of 50 %, about to go back.
struct Undoing {
  Rig rig;
  Lines undone;  ///< the script's own functions that ran

  explicit Undoing(Deployment deployment = two_versions()) : rig(std::move(deployment)) {
    rig.machinery.script_undo([this](std::string name, Scope) { return undo(std::move(name)); });
    REQUIRE(
        rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test"), Call("shift", {{"percent", 50}})})
            .ok());
    rig.world.calls.clear();
  }

  Task<Outcome> undo(std::string name) {
    undone.push_back(name);
    Outcome outcome;
    if (name == "fails") outcome = Outcome(Error("SH1201", Kind::script, "no"));
    co_return std::move(outcome);
  }

  void adopt(Tier tier, const std::string& name) {
    rig.machinery.journal.adopt(Undo(tier, Call("script.undo", {{"name", name}})));
  }

  Outcome go_back() { return rig.perform("rollback"); }

  /// "restore done", "retire not tried" ... as the rollback lists them.
  static Lines list(const Value& hooks) {
    Lines lines;
    for (const auto& hook : hooks)
      lines.push_back(hook["verb"].get<std::string>() + " " + hook["state"].get<std::string>());
    return lines;
  }
};

}  // namespace

TEST_CASE("traffic goes back first, raised before lowered, then the new version is drained and stopped") {
  Undoing it;
  const auto outcome = it.go_back();
  REQUIRE(outcome.ok());
  CHECK(it.rig.world.lines({"instances.health", "proxy.set", "instances.stop"}) ==
        Lines{"instances.health web blue 0", "proxy.set web 100/50", "proxy.set web 100/0",
              "instances.stop web green shop-web-green-0"});
  CHECK(it.rig.world.effective("web") == Weights(100, 0));
  CHECK(Undoing::list(outcome.value["hooks"]) == Lines{"retire done", "restore done"});
  CHECK(outcome.value["output"]["web-log"] == "said something");
}

TEST_CASE("tiers in their order, and in reverse inside a tier") {
  Undoing it;
  it.adopt(Tier::clean_up, "clean-up 1");
  it.adopt(Tier::data, "data 1");
  it.adopt(Tier::data, "data 2");
  it.adopt(Tier::capacity, "capacity 1");
  it.adopt(Tier::traffic, "traffic 1");
  it.adopt(Tier::clean_up, "clean-up 2");
  REQUIRE(it.go_back().ok());
  CHECK(it.undone == Lines{"traffic 1", "capacity 1", "data 2", "data 1", "clean-up 2", "clean-up 1"});
}

TEST_CASE("a hook that fails stops no other of its tier or of a later one, and is named at the end") {
  Undoing it;
  it.adopt(Tier::data, "data 1");
  it.adopt(Tier::data, "fails");
  it.adopt(Tier::clean_up, "clean-up 1");
  const auto outcome = it.go_back();
  CHECK(code_of(outcome) == "SH1916");
  CHECK(it.undone == Lines{"fails", "data 1", "clean-up 1"});
  CHECK(it.rig.world.effective("web") == Weights(100, 0));
  CHECK_FALSE(it.rig.world.runs(Colour::green));
  CHECK(Undoing::list(outcome.error->evidence["hooks"]) ==
        Lines{"retire done", "restore done", "script.undo done", "script.undo failed", "script.undo done"});
  CHECK(outcome.error->message.find("script.undo (failed)") != std::string::npos);
}

TEST_CASE("a clean-up that fails leaves the traffic where it belongs, and an operator to ask") {
  Undoing it;
  it.rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "instances.stop" ? Trouble::fail : Trouble::none;
  };
  const auto outcome = it.go_back();
  CHECK(code_of(outcome) == "SH1916");
  CHECK(it.rig.world.effective("web") == Weights(100, 0));
  CHECK(Undoing::list(outcome.error->evidence["hooks"]) == Lines{"retire failed", "restore done"});
}

TEST_CASE("a function of the script that cannot run without it is listed") {
  Rig rig(two_versions());
  REQUIRE(rig.perform("on_rollback", {{"name", "put the sign back"}}).ok());
  const auto outcome = rig.perform("rollback");
  CHECK(code_of(outcome) == "SH1916");
  const auto& hook = outcome.error->evidence["hooks"][0];
  CHECK(hook["tier"] == "data");
  CHECK(hook["args"]["name"] == "put the sign back");
  CHECK(hook["error"]["code"] == "SH1290");
}

TEST_CASE("what traffic returns to is proven before any of it moves") {
  Undoing it;
  it.rig.world.instances.at("shop-web-blue-0").sick = true;
  const auto outcome = it.go_back();
  CHECK(code_of(outcome) == "SH1917");
  CHECK(it.rig.world.lines({"proxy.set", "instances.stop"}).empty());
  CHECK(Undoing::list(outcome.error->evidence["hooks"]) == Lines{"retire not tried", "restore not tried"});
  REQUIRE(outcome.error->cause);
  CHECK(outcome.error->cause->code == "SH1310");
}

TEST_CASE("a target that is gone is started and proven, and then gets its traffic") {
  Undoing it;
  it.rig.world.instances.erase("shop-web-blue-0");
  REQUIRE(it.go_back().ok());
  const auto lines = it.rig.world.lines({"instances.start", "proxy.set"});
  CHECK(lines.front() == "instances.start web blue 0");
  CHECK(it.rig.world.effective("web") == Weights(100, 0));
}

TEST_CASE("every service's target is proven before the traffic of any moves") {
  Undoing it(two_versions({"api", "web"}));
  it.rig.world.instances.at("shop-web-blue-0").sick = true;
  CHECK(code_of(it.go_back()) == "SH1917");
  CHECK(it.rig.world.lines({"proxy.set"}).empty());
}

TEST_CASE("answers of the version that is left never keep it in; the target must be seen once") {
  Undoing it;
  int requests = 0;
  it.rig.world.instead["http.request"] = [&](const Call&) {
    const auto* version = ++requests < 4 ? "v3" : "v1";
    return Outcome(Value{{"status", 200}, {"headers", {{"x-version", version}}}});
  };
  REQUIRE(it.go_back().ok());
  CHECK(requests == 4);
}

TEST_CASE("each service is tried once before any is tried again") {
  Undoing it(two_versions({"api", "web"}));
  int left = 2;
  it.rig.world.trouble = [&](const Call& call, int, int) {
    const bool strikes = call.verb == "proxy.set" && call.args["service"] == "api" && left-- > 0;
    return strikes ? Trouble::fail : Trouble::none;
  };
  REQUIRE(it.go_back().ok());
  CHECK(it.rig.world.lines({"proxy.set"}) == Lines{"proxy.set api 100/50", "proxy.set web 100/50",
                                                   "proxy.set web 100/0", "proxy.set api 100/50",
                                                   "proxy.set api 100/50", "proxy.set api 100/0"});
}

TEST_CASE("a proxy that stays down uses the budget up, and nothing that may serve is stopped") {
  Undoing it;
  it.rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "proxy.set" ? Trouble::unreachable : Trouble::none;
  };
  const auto began = it.rig.world.now();
  const auto outcome = it.go_back();
  CHECK(code_of(outcome) == "SH1916");
  CHECK(it.rig.world.now() - began >= 300'000);
  CHECK(it.rig.world.now() - began < 320'000);
  CHECK(it.rig.world.lines({"instances.stop"}).empty());
  CHECK(Undoing::list(outcome.error->evidence["hooks"]) == Lines{"retire not tried", "restore failed"});
}

TEST_CASE("shares that somebody changed meanwhile do not stop a rollback") {
  Undoing it;
  it.rig.world.proxies.at("web").weights = Weights(0, 100);
  REQUIRE(it.go_back().ok());
  CHECK(it.rig.world.effective("web") == Weights(100, 0));
  CHECK(it.rig.world.lines({"approval.wait"}).empty());
}

TEST_CASE("back from a first deployment: lowered, drained, stopped; there is nobody to return to") {
  auto deployment = first_version();
  Undoing it(deployment);
  it.rig.world.proxies.at("web").in_flight.blue = std::nullopt;
  const auto began = it.rig.world.now();
  REQUIRE(it.go_back().ok());
  CHECK(it.rig.world.lines({"proxy.set", "instances.start", "instances.stop"}) ==
        Lines{"proxy.set web 0/0", "instances.stop web blue shop-web-blue-0"});
  CHECK(it.rig.world.now() - began >= 5'000);
}

TEST_CASE("a service that is new in this deployment is taken out, the others go back") {
  auto deployment = two_versions({"api", "web"});
  deployment.prior.services.pop_back();  // there was no web
  Undoing it(deployment);
  REQUIRE(it.go_back().ok());
  CHECK(it.rig.world.effective("api") == Weights(100, 0));
  CHECK(it.rig.world.effective("web") == Weights(0, 0));
  CHECK_FALSE(it.rig.world.runs(Colour::green));
}

TEST_CASE("before anything was done there is nothing to undo") {
  Rig rig(two_versions());
  const auto outcome = rig.perform("rollback");
  CHECK(outcome.ok());
  CHECK(rig.world.lines({"proxy.set", "instances.start", "instances.stop"}).empty());
}

TEST_CASE("after stop_old: the new one ends, the old one is started and proven, the shares come back") {
  auto deployment = two_versions();
  deployment.downtime = true;
  Rig rig(deployment);
  REQUIRE(rig.perform_all({Call("stop_old"), Call("launch"), Call("await_healthy"), Call("smoke_test"),
                           Call("shift", {{"percent", 100}})})
              .ok());
  rig.world.calls.clear();
  REQUIRE(rig.perform("rollback").ok());
  CHECK(rig.world.lines({"proxy.set", "instances.start", "instances.stop"}) ==
        Lines{"proxy.set web 0/0", "instances.stop web green shop-web-green-0", "instances.start web blue 0",
              "proxy.set web 100/0"});
  CHECK(rig.world.effective("web") == Weights(100, 0));
}

TEST_CASE("a stop_old that got nowhere leaves the old one serving") {
  auto deployment = two_versions({"api", "web"});
  deployment.downtime = true;
  Rig rig(deployment);
  rig.world.trouble = [](const Call& call, int, int of_verb) {
    return call.verb == "proxy.set" && of_verb == 2 ? Trouble::fail : Trouble::none;
  };
  const auto end = rig.deploy(recreate(1'000));
  CHECK(end.state == "rolled_back");
  for (const auto* service : {"api", "web"}) CHECK(rig.world.effective(service) == Weights(100, 0));
}

TEST_CASE("when the old version cannot be retired whole, that is said, and nobody goes back") {
  Rig rig(two_versions({"api", "web"}));
  rig.world.trouble = [](const Call& call, int, int of_verb) {
    return call.verb == "instances.stop" && of_verb == 2 ? Trouble::fail : Trouble::none;
  };
  const auto end = rig.deploy(blue_green(1'000));
  CHECK(end.state == "needs_operator");
  REQUIRE(end.error);
  CHECK(end.error->code == "SH1920");
  CHECK(end.error->message.find("shop-api-blue-0 is still there") != std::string::npos);
  CHECK(rig.world.effective("web") == Weights(0, 100));
}
