// Watching: gates, instances, proxies, and what happens when nothing can be said.
#include <doctest/doctest.h>
#include <algorithm>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

/// A rig at 50 % with one gate, whose query answers what `sample` says.
struct Half {
  Rig rig;
  std::function<Outcome()> sample = [] { return measured(0.0); };

  explicit Half(Gate gate, Deployment deployment = two_versions()) : rig(with(std::move(deployment), std::move(gate))) {
    rig.world.instead["metrics.query"] = [this](const Call&) { return std::optional(sample()); };
    REQUIRE(
        rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test"), Call("shift", {{"percent", 50}})})
            .ok());
    rig.world.calls.clear();
    began = rig.world.now();
  }

  static Deployment with(Deployment deployment, Gate gate) {
    deployment.gates = {std::move(gate)};
    return deployment;
  }

  Outcome soak(std::int64_t duration_ms = 10'000) { return rig.perform("soak", {{"duration_ms", duration_ms}}); }
  std::int64_t elapsed() { return rig.world.now() - began; }
  bool asked() const { return !rig.world.lines({"approval.wait"}).empty(); }

  std::int64_t began = 0;
};

Gate deciding(const std::string& on_inconclusive, const std::string& on_error) {
  auto decided = gate("error rate");
  decided.on_inconclusive = on_inconclusive;
  decided.on_error = on_error;
  decided.consecutive_errors = 2;
  return decided;
}

Outcome provider_down() {
  return Outcome(Error("SH1601", Kind::adapter, "the provider is down"));
}

}  // namespace

TEST_CASE("a soak lasts as long as it is told, and looks at its gates every interval") {
  Half it(gate("error rate"));
  REQUIRE(it.soak().ok());
  CHECK(it.elapsed() >= 10'000);
  CHECK(it.elapsed() < 10'100);
  CHECK(it.rig.world.lines({"metrics.query"}).size() == 11);
}

TEST_CASE("a breach ends the soak at once, with the numbers") {
  Half it(gate("error rate"));
  it.sample = [&] { return measured(it.elapsed() >= 3'000 ? 0.2 : 0.0); };
  const auto outcome = it.soak();
  CHECK(code_of(outcome) == "SH1611");
  CHECK(outcome.error->kind == Kind::gate);
  CHECK(outcome.error->message == "the gate 'error rate' failed: 0.2 is above 0.001");
  CHECK(outcome.error->evidence["value"] == 0.2);
  CHECK(outcome.error->evidence["samples"].size() == 4);
  CHECK(outcome.error->evidence["query"] == "the error rate");
  CHECK(it.elapsed() < 3'100);
  CHECK_FALSE(it.rig.facts().breach.empty());
}

TEST_CASE("a gate that cannot tell asks an operator, and goes on or back as he says") {
  for (const auto* says : {"approve", "reject", ""}) {
    Half it(deciding("pause", "rollback"));
    it.sample = [] { return measured("empty"); };
    it.rig.world.operator_says = says;
    const auto outcome = it.soak(2'000);
    CHECK(it.asked());
    CHECK(code_of(outcome) == (std::string(says) == "approve" ? "" : "SH1613"));
    if (std::string(says).empty()) CHECK(it.elapsed() >= 600'000);
  }
}

TEST_CASE("or it goes on with a warning, or back, without a question") {
  Half on(deciding("promote", "rollback"));
  on.sample = [] { return measured("stale"); };
  CHECK(on.soak(2'000).ok());
  CHECK_FALSE(on.asked());
  REQUIRE(on.rig.told("warning").size() == 1);
  CHECK(on.rig.told("warning")[0] == "the gate 'error rate' gave not enough evidence");

  Half back(deciding("rollback", "promote"));
  back.sample = [] { return measured("nan"); };
  CHECK(code_of(back.soak(2'000)) == "SH1613");
  CHECK_FALSE(back.asked());
}

TEST_CASE("a provider that fails is the other case, decided as soon as it is one") {
  Half back(deciding("promote", "rollback"));
  back.sample = provider_down;
  const auto outcome = back.soak();
  CHECK(code_of(outcome) == "SH1612");
  CHECK(back.elapsed() < 1'100);
  CHECK(outcome.error->evidence["error"] == "the provider is down");

  Half on(deciding("rollback", "promote"));
  on.sample = provider_down;
  CHECK(on.soak().ok());
  CHECK(on.elapsed() >= 10'000);  // the instances are still watched

  Half asking(deciding("rollback", "pause"));
  asking.sample = provider_down;
  asking.rig.world.operator_says = "approve";
  CHECK(asking.soak().ok());
  CHECK(asking.asked());
}

TEST_CASE("with nothing to go back to, not to know is a warning") {
  Half it(deciding("rollback", "rollback"), first_version());
  it.sample = [] { return measured("empty"); };
  CHECK(it.soak(2'000).ok());
  CHECK(it.rig.told("warning").size() == 2);  // and that it got all at once
}

TEST_CASE("an instance that was started again while it was watched needs no statistics") {
  Half it(gate("error rate"));
  it.rig.world.after = [&](const Call&) {
    if (it.elapsed() > 2'000) it.rig.world.instances.at("shop-web-green-0").started = it.began + 2'000;
  };
  const auto outcome = it.soak();
  CHECK(code_of(outcome) == "SH1315");
  CHECK(outcome.error->message.find("was started again") != std::string::npos);
  CHECK(it.elapsed() < 3'200);
}

TEST_CASE("two bad answers may be a hiccup, the third is not") {
  for (const int misses : {2, 3}) {
    Half it(gate("error rate"));
    int left = misses;
    it.rig.world.instead["instances.health"] = [&](const Call&) {
      const bool ok = it.elapsed() < 2'000 || left-- <= 0;
      const auto since = it.rig.world.instances.at("shop-web-green-0").started;
      return std::optional(Outcome(Value{{"ok", ok}, {"started", since}, {"error", "it answered 500"}}));
    };
    const auto outcome = it.soak();
    CHECK(code_of(outcome) == (misses == 2 ? "" : "SH1315"));
    if (misses == 3) CHECK(it.elapsed() < 3'500);
  }
}

TEST_CASE("looks that do not get through say nothing of the instance for a quarter of a minute") {
  for (const int away_ms : {9'000, 16'000}) {
    Half it(gate("error rate"));
    it.rig.world.trouble = [&](const Call& call, int, int) {
      const bool away = it.elapsed() >= 1'000 && it.elapsed() < 1'000 + away_ms;
      return call.verb == "instances.health" && away ? Trouble::unreachable : Trouble::none;
    };
    const auto outcome = it.soak(40'000);
    CHECK(code_of(outcome) == (away_ms < 15'000 ? "" : "SH1315"));
    if (!outcome.ok()) CHECK(outcome.error->message.find("could not be looked at for 15s: ") != std::string::npos);
  }
}

TEST_CASE("a soak does not end before it was seen what became of the instance meanwhile") {
  for (const bool is_well : {true, false}) {
    Half it(gate("error rate"));
    it.rig.world.trouble = [&](const Call& call, int, int) {
      const bool away = it.elapsed() >= 8'000 && it.elapsed() < 14'000;
      if (away && !is_well) it.rig.world.instances.at("shop-web-green-0").started = it.began + 9'000;
      return call.verb == "instances.health" && away ? Trouble::unreachable : Trouble::none;
    };
    const auto outcome = it.soak(10'000);
    CHECK(code_of(outcome) == (is_well ? "" : "SH1315"));
    CHECK(it.elapsed() >= 14'000);
    CHECK(it.elapsed() < 15'000);
  }
}

TEST_CASE("the old colour's troubles are not the new one's") {
  Half it(gate("error rate"));
  it.rig.world.instances.at("shop-web-blue-0").started = 99;
  it.rig.world.instances.at("shop-web-blue-0").sick = true;
  CHECK(it.soak().ok());
}

TEST_CASE("a proxy that forgets while it is watched is told again") {
  Half it(gate("error rate"));
  bool restarted = false;
  it.rig.world.after = [&](const Call&) {
    if (restarted || it.elapsed() < 3'000) return;
    restarted = true;
    it.rig.world.restart_proxy("web");
  };
  CHECK(it.soak().ok());
  CHECK(it.rig.world.effective("web") == Weights(50, 50));
}

TEST_CASE("a gate of one service is not watched for another") {
  auto api = gate("error rate");
  api.service = "api";
  Half it(api, two_versions({"api", "web"}));
  it.sample = [] { return measured(0.2); };
  CHECK(it.rig.perform("soak", {{"duration_ms", 1'000}, {"service", "web"}}).ok());
  CHECK(code_of(it.rig.perform("soak", {{"duration_ms", 1'000}, {"service", "api"}})) == "SH1611");
}

TEST_CASE("check_gates looks once, and tells instead of raising") {
  Half it(gate("error rate"));
  it.sample = [] { return measured(0.2); };
  const auto outcome = it.rig.perform("check_gates");
  REQUIRE(outcome.ok());
  CHECK(outcome.value[0]["verdict"] == "fail");
  it.sample = provider_down;
  CHECK(it.rig.perform("check_gates").value[0]["verdict"] == "error");
  CHECK(it.rig.world.lines({"metrics.query"}).size() == 2);
}

TEST_CASE("confirm goes on only when it is approved, and no script can catch the rest") {
  Rig rig(two_versions());
  rig.world.operator_says = "approve";
  CHECK(rig.perform("confirm", {{"question", "go on?"}}).ok());
  rig.world.operator_says = "reject";
  const auto rejected = rig.perform("confirm", {{"question", "go on?"}});
  CHECK(code_of(rejected) == "SH1914");
  CHECK(rejected.error->control);
  rig.world.operator_says = "";
  const auto silence = rig.perform("confirm", {{"question", "go on?"}, {"timeout_ms", 5'000}});
  CHECK(code_of(silence) == "SH1915");
  CHECK(silence.error->control);
}
