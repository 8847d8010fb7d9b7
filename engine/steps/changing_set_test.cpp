// Services that the new version has in addition, or does not have any more.
#include <doctest/doctest.h>
#include <algorithm>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Lines = std::vector<std::string>;

void remove(Side& side, const std::string& name) {
  std::erase_if(side.services, [&](const Service& service) { return service.name == name; });
}

Deployment with_new_service() {
  auto deployment = two_versions({"api", "web"});
  remove(deployment.prior, "api");
  return deployment;
}

Deployment with_removed_service() {
  auto deployment = two_versions({"api", "web"});
  remove(deployment.next, "api");
  return deployment;
}

bool runs(const Rig& rig, const std::string& name, Colour colour) {
  return std::any_of(rig.world.instances.begin(), rig.world.instances.end(),
                     [&](const auto& entry) { return entry.second.service == name && entry.second.color == colour; });
}

}  // namespace

TEST_CASE("a service that is new gets everything at the first share; the others get their share") {
  Rig rig(with_new_service());
  REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
  REQUIRE(rig.perform("shift", {{"percent", 10}}).ok());
  CHECK(rig.world.effective("api") == Weights(0, 100));
  CHECK(rig.world.effective("web") == Weights(90, 10));
  REQUIRE(rig.told("warning").size() == 1);
  CHECK(rig.told("warning").front().find("nothing served api before") != std::string::npos);
  REQUIRE(rig.perform("shift", {{"percent", 50}}).ok());
  CHECK(rig.told("warning").size() == 1);
}

TEST_CASE("a deployment with a new service that fails leaves nothing of it") {
  Rig rig(with_new_service());
  rig.world.instead["probe.http"] = [](const Call& call) -> std::optional<Outcome> {
    if (call.args.value("url", "").find(":4001") == std::string::npos) return std::nullopt;
    return Outcome(Value{{"ok", false}, {"error", "500"}});
  };
  CHECK(rig.deploy(gradual({10, 100}, 1'000)).state == "rolled_back");
  CHECK_FALSE(runs(rig, "api", Colour::green));
  CHECK(rig.world.effective("web") == Weights(100, 0));
}

TEST_CASE(
    "a service that is gone keeps its share until the old version is retired; then it is lowered, drained, ended") {
  Rig rig(with_removed_service());
  REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
  REQUIRE(rig.perform("shift", {{"percent", 100}}).ok());
  CHECK(rig.world.effective("web") == Weights(0, 100));
  CHECK(rig.world.effective("api") == Weights(100, 0));
  CHECK(runs(rig, "api", Colour::blue));
  REQUIRE(rig.perform("retire_old").ok());
  CHECK(rig.world.effective("api") == Weights(0, 0));
  CHECK_FALSE(runs(rig, "api", Colour::blue));
  const auto lines = rig.world.lines({"proxy.set", "proxy.in_flight", "instances.stop"});
  const auto at = [&](const std::string& line) { return std::find(lines.begin(), lines.end(), line) - lines.begin(); };
  CHECK(at("proxy.set api 0/0") < at("instances.stop api blue 0"));
  CHECK(std::find(lines.begin() + at("proxy.set api 0/0"), lines.end(), "proxy.in_flight api blue") != lines.end());
}

TEST_CASE("nobody is taken out of a service that is gone before every other one is on the new version") {
  Rig rig(with_removed_service());
  REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
  REQUIRE(rig.perform("shift", {{"percent", 50}}).ok());
  const auto refused = rig.perform("retire", {{"service", "api"}, {"color", "blue"}});
  CHECK(code_of(refused) == "SH1323");
  CHECK(rig.world.effective("api") == Weights(100, 0));
}

TEST_CASE("a deployment that drops a service and fails leaves it serving") {
  Rig rig(with_removed_service());
  auto calls = blue_green(1'000);
  calls.back() = Call("shift", {{"percent", 200}});  // in place of retire_old: an error after everything has moved
  CHECK(rig.deploy(calls).state == "rolled_back");
  CHECK(runs(rig, "api", Colour::blue));
  CHECK(rig.world.effective("api") == Weights(100, 0));
}
