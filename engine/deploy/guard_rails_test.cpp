// Every refusal both ways: what is refused, and what is just allowed.
#include "deploy/guard_rails.hpp"

#include <doctest/doctest.h>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

const Seat old_web{"web", Colour::blue};
const Seat new_web{"web", Colour::green};

Call set(int blue, int green) {
  return Call("proxy.set", {{"service", "web"}, {"blue", blue}, {"green", green}});
}

Call stop(const std::string& color) {
  return Call("instances.stop", {{"service", "web"}, {"color", color}, {"id", "shop-web-" + color + "-0"}});
}

Call shift_to(int percent) {
  return Call("shift", {{"percent", percent}});
}

/// Guard rails with facts as a test wants them.
struct Case {
  Deployment deployment;
  deploy::GuardRails guard{deployment};
  Facts& facts = guard.facts();

  explicit Case(Deployment given = two_versions()) : deployment(std::move(given)) {}

  std::string refused(const Call& call) {
    const auto no = guard.refuse(call);
    return no ? no->code : "";
  }

  void see(Weights weights, Weights effective) {
    const Outcome view(Value{{"weights", {{"blue", weights.blue}, {"green", weights.green}}},
                             {"effective", {{"blue", effective.blue}, {"green", effective.green}}},
                             {"started", 1}});
    guard.learn(Call("proxy.get", {{"service", "web"}}), view);
  }

  void prove() {
    guard.learn(Call("await_healthy"), Outcome());
    guard.learn(Call("smoke_test"), Outcome());
  }
};

Outcome breach() {
  return Outcome(Error("SH1611", Kind::gate, "the gate 'error rate' failed: 0.2 is above 0.001"));
}

}  // namespace

TEST_CASE("no traffic for a colour that is not proven: health first, then the smoke tests") {
  Case it;
  it.see({100, 0}, {100, 0});
  CHECK(it.refused(set(100, 10)) == "SH1320");
  CHECK(it.refused(shift_to(10)) == "SH1320");
  it.guard.learn(Call("await_healthy"), Outcome());
  CHECK(it.refused(set(100, 10)) == "SH1320");
  it.guard.learn(Call("smoke_test"), Outcome());
  CHECK(it.refused(set(100, 10)).empty());
  CHECK(it.refused(shift_to(10)).empty());
}

TEST_CASE("a failed wait or smoke test proves nothing") {
  Case it;
  it.see({100, 0}, {100, 0});
  it.guard.learn(Call("await_healthy"), Outcome(Error("SH1310", Kind::unhealthy, "not ready")));
  it.guard.learn(Call("smoke_test"), Outcome());
  CHECK(it.refused(shift_to(10)) == "SH1320");
  it.prove();
  it.facts.smoked.clear();
  it.guard.learn(Call("smoke_test"), Outcome(Error("SH1313", Kind::unhealthy, "no")));
  CHECK(it.refused(shift_to(10)) == "SH1320");
}

TEST_CASE("a start makes unproven again, and so does a stop") {
  Case it;
  it.see({100, 0}, {100, 0});
  it.prove();
  const Call start("instances.start", {{"service", "web"}, {"color", "green"}, {"index", 0}});
  it.guard.learn(start, Outcome(Error("SH1503", Kind::adapter, "perhaps")));
  CHECK(it.refused(shift_to(10)) == "SH1320");
  it.prove();
  CHECK(it.refused(shift_to(10)).empty());
  it.guard.learn(stop("green"), Outcome());
  CHECK(it.refused(shift_to(10)) == "SH1320");
}

TEST_CASE("a service without smoke tests is proven by its health; a proof of one service is none of another") {
  auto deployment = two_versions({"api", "web"});
  for (auto& service : deployment.next.services) service.smoke.clear();
  Case it(deployment);
  it.guard.learn(Call("await_healthy", {{"service", "web"}}), Outcome());
  CHECK(it.refused(Call("shift", {{"percent", 10}, {"service", "web"}})).empty());
  CHECK(it.refused(shift_to(10)) == "SH1320");
  it.guard.learn(Call("await_healthy", {{"service", "api"}}), Outcome());
  CHECK(it.refused(shift_to(10)).empty());
}

TEST_CASE("a shift to 0 % needs no proof, whichever way it is said") {
  Case it;
  CHECK(it.refused(shift_to(0)).empty());
  CHECK(it.refused(Call("shift", {{"blue", 100}, {"green", 0}})).empty());
  CHECK(it.refused(Call("shift", {{"blue", 90}, {"green", 10}})) == "SH1320");
}

TEST_CASE("the old colour is proven by having served, until this run starts or stops it") {
  Case it;
  it.prove();
  it.see({0, 100}, {0, 100});
  CHECK(it.refused(set(100, 100)).empty());
  it.facts.started.insert(old_web);
  CHECK(it.refused(set(100, 100)) == "SH1320");
  it.facts.healthy.insert(old_web);
  CHECK(it.refused(set(100, 100)).empty());
}

TEST_CASE("an old colour that was stopped on purpose must be revived before it gets traffic") {
  auto deployment = two_versions();
  deployment.downtime = true;
  Case it(deployment);
  it.see({0, 0}, {0, 0});
  it.facts.revivable = true;
  CHECK(it.refused(set(100, 0)) == "SH1320");
  it.guard.learn(Call("revive", {{"color", "blue"}}), Outcome(Error("SH1401", Kind::adapter, "no")));
  CHECK(it.refused(set(100, 0)) == "SH1320");
  it.guard.learn(Call("revive", {{"color", "blue"}}), Outcome());
  CHECK(it.refused(set(100, 0)).empty());
  it.guard.learn(stop("blue"), Outcome());
  CHECK(it.refused(set(100, 0)) == "SH1320");
}

TEST_CASE("after a gate failed the new colour gets no more traffic until a soak passes") {
  Case it;
  it.prove();
  it.see({90, 10}, {90, 10});
  it.guard.learn(Call("soak"), breach());
  CHECK(it.refused(set(90, 50)) == "SH1322");
  CHECK(it.refused(set(100, 10)).empty());  // the old one may have more
  it.facts.rolling_back = true;
  CHECK(it.refused(set(90, 50)).empty());
  it.facts.rolling_back = false;
  it.guard.learn(Call("soak"), Outcome());
  CHECK(it.refused(set(90, 50)).empty());
}

TEST_CASE("a verdict of check_gates counts as one of a soak") {
  Case it;
  it.prove();
  it.see({90, 10}, {90, 10});
  it.guard.learn(Call("check_gates"), Outcome(Value{{{"name", "error rate"}, {"verdict", "inconclusive"}}}));
  CHECK(it.refused(set(90, 50)).empty());
  it.guard.learn(Call("check_gates"), Outcome(Value{{{"name", "error rate"}, {"verdict", "fail"}}}));
  CHECK(it.refused(set(90, 50)) == "SH1322");
  it.guard.learn(Call("check_gates"), Outcome(Value{{{"name", "error rate"}, {"verdict", "pass"}}}));
  CHECK(it.refused(set(90, 50)) == "SH1322");
}

TEST_CASE("the last one who answers is not taken out") {
  Case it;
  it.prove();
  it.see({100, 100}, {100, 0});  // the new one's weight is no share: nobody can reach it
  CHECK(it.refused(set(0, 100)) == "SH1323");
  it.see({100, 100}, {50, 50});
  CHECK(it.refused(set(0, 100)).empty());
  CHECK(it.refused(set(0, 0)) == "SH1323");
}

TEST_CASE("with downtime, or back from a first deployment, the last one may go") {
  auto deployment = two_versions();
  deployment.downtime = true;
  Case down(deployment);
  down.see({100, 0}, {100, 0});
  CHECK(down.refused(set(0, 0)).empty());

  Case first(first_version());
  first.see({100, 0}, {100, 0});
  CHECK(first.refused(set(0, 0)).empty());  // nobody was started there: only a proxy that knows no health counts it
  first.facts.started.insert({"web", Colour::blue});
  CHECK(first.refused(set(0, 0)) == "SH1323");
  first.facts.rolling_back = true;
  CHECK(first.refused(set(0, 0)).empty());
}

TEST_CASE("going back, a service that is new in this deployment may be taken out") {
  auto deployment = two_versions({"api", "web"});
  deployment.prior.services.pop_back();  // there was no web
  Case it(deployment);
  it.see({0, 100}, {0, 100});
  CHECK(it.refused(set(0, 0)) == "SH1323");
  it.facts.rolling_back = true;
  CHECK(it.refused(set(0, 0)).empty());
}

TEST_CASE("nothing is stopped before its proxy was read, or while it has traffic") {
  Case it;
  CHECK(it.refused(stop("blue")) == "SH1321");
  it.see({100, 0}, {100, 0});
  CHECK(it.refused(stop("blue")) == "SH1321");
  it.see({0, 100}, {0, 100});
  it.facts.drained.insert(old_web);
  CHECK(it.refused(stop("blue")).empty());
  CHECK(it.refused(stop("green")) == "SH1321");
}

TEST_CASE("what had traffic is drained before it is stopped; traffic again makes the drain worthless") {
  Case it;
  it.see({100, 0}, {100, 0});
  it.see({0, 100}, {0, 100});
  CHECK(it.refused(stop("blue")) == "SH1324");
  const Call drain("drain", {{"color", "blue"}, {"services", {"web"}}});
  it.guard.learn(drain, Outcome(Error("SH1902", Kind::cancelled, "it was cancelled")));
  CHECK(it.refused(stop("blue")) == "SH1324");
  it.guard.learn(drain, Outcome());
  CHECK(it.refused(stop("blue")).empty());
  it.guard.learn(set(100, 100), Outcome());
  it.see({0, 100}, {0, 100});
  CHECK(it.refused(stop("blue")) == "SH1324");
}

TEST_CASE("what this run started and never had traffic needs no drain; a service without a proxy neither") {
  Case it;
  it.see({100, 0}, {100, 0});
  it.facts.started.insert(new_web);
  CHECK(it.refused(stop("green")).empty());

  auto deployment = two_versions();
  for (auto* side : {&deployment.next, &deployment.prior}) side->services[0].proxy.clear();
  Case worker(deployment);
  CHECK(worker.refused(stop("blue")).empty());
}

TEST_CASE("the old version is not retired while it has traffic, nor after a gate failed") {
  Case it;
  const Call retire("retire_old");
  it.see({50, 50}, {50, 50});
  CHECK(it.refused(retire) == "SH1321");
  it.see({0, 100}, {0, 100});
  CHECK(it.refused(retire).empty());
  it.guard.learn(Call("soak"), breach());
  CHECK(it.refused(retire) == "SH1322");
  it.guard.learn(Call("soak"), Outcome());
  CHECK(it.refused(retire).empty());
}

TEST_CASE("stop_old is for strategies that say they take the app down") {
  Case it;
  CHECK(it.refused(Call("stop_old")) == "SH1325");
  it.deployment.downtime = true;
  CHECK(it.refused(Call("stop_old")).empty());
}

TEST_CASE("the first stop of the old colour commits, failed or not; not in a rollback or after stop_old") {
  Case it;
  it.see({0, 100}, {0, 100});
  it.guard.learn(stop("green"), Outcome());
  CHECK_FALSE(it.facts.committed);
  it.guard.learn(stop("blue"), Outcome(Error("SH1403", Kind::adapter, "something survives")));
  CHECK(it.facts.committed);

  Case back;
  back.facts.rolling_back = true;
  back.guard.learn(stop("blue"), Outcome());
  CHECK_FALSE(back.facts.committed);

  Case stopped;
  stopped.facts.revivable = true;
  stopped.guard.learn(stop("blue"), Outcome());
  CHECK_FALSE(stopped.facts.committed);
}

TEST_CASE("a script that swallows the breach gets no further") {
  auto deployment = two_versions();
  deployment.gates = {gate("error rate")};
  Rig rig(deployment);
  double rate = 0.2;
  rig.world.instead["metrics.query"] = [&](const Call&) { return measured(rate); };
  REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test"), shift_to(10)}).ok());
  CHECK(code_of(rig.perform("soak", {{"duration_ms", 2'000}})) == "SH1611");
  CHECK(code_of(rig.perform("shift", {{"percent", 50}})) == "SH1322");
  CHECK(code_of(rig.perform("retire_old")) == "SH1322");
  CHECK(rig.world.effective("web") == Weights(90, 10));
  rate = 0;
  CHECK(rig.perform("soak", {{"duration_ms", 2'000}}).ok());
  CHECK(rig.perform("shift", {{"percent", 50}}).ok());
}
