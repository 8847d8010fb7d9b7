// A rollback in steps, with an eye on both versions.
#include <doctest/doctest.h>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Lines = std::vector<std::string>;

/// Green is what traffic goes back to; each colour has a gate of its own.
struct Return {
  Rig rig;

  Return() : rig(deployment()) {
    REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
    rig.world.calls.clear();
  }

  static Deployment deployment() {
    auto deployment = two_versions();
    deployment.verb = "rollback";
    deployment.gates = {gate("target")};
    deployment.prior_gates = {gate("left")};
    return deployment;
  }

  /// What the gates see; a number above 0.001 is a breach.
  void measure(double target, double left) {
    rig.world.instead["metrics.query"] = [target, left](const Call& call) {
      return std::optional(measured(call.args["expression"] == "the target" ? target : left));
    };
  }

  Outcome go() { return rig.perform("go_back_gradually", {{"over_ms", 40'000}}); }
  Lines shifts() const { return rig.world.lines({"proxy.set"}); }
};

}  // namespace

TEST_CASE("a gradual rollback goes by its steps, over its time, to the end") {
  Return it;
  it.measure(0, 0);
  const auto began = it.rig.world.now();
  REQUIRE(it.go().ok());
  CHECK(it.rig.world.effective("web") == Weights(0, 100));
  const auto took = it.rig.world.now() - began;
  CHECK(took >= 40'000);
  CHECK(took < 45'000);
  CHECK(it.shifts().front() == "proxy.set web 100/10");
  CHECK(it.shifts().size() == 10);
  CHECK(it.rig.told("warning").empty());
}

TEST_CASE("when the version that is left gets worse, everything goes back at once") {
  Return it;
  it.measure(0, 0.5);
  const auto began = it.rig.world.now();
  REQUIRE(it.go().ok());
  CHECK(it.rig.world.effective("web") == Weights(0, 100));
  CHECK(it.rig.world.now() - began < 2'000);
  CHECK(it.shifts().size() == 4);
  REQUIRE(it.rig.told("warning").size() == 1);
  CHECK(it.rig.told("warning").front().find("0.5 is above 0.001") != std::string::npos);
}

TEST_CASE("a target that is not well stops it, whatever the other one does") {
  for (const double left : {0.0, 0.5}) {
    Return it;
    it.measure(0.5, left);
    const auto outcome = it.go();
    CHECK(code_of(outcome) == "SH1611");
    CHECK(outcome.error->message.find("target") != std::string::npos);
    CHECK(it.rig.world.effective("web") == Weights(90, 10));
  }
}

TEST_CASE("without evidence about the version that is left it goes on by its steps") {
  Return it;
  it.rig.world.instead["metrics.query"] = [](const Call& call) {
    return std::optional(call.args["expression"] == "the target" ? measured(0.0) : measured("empty"));
  };
  REQUIRE(it.go().ok());
  CHECK(it.shifts().size() == 10);
}
