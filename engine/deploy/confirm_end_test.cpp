// When the body of a strategy has returned: does the new version really have all the traffic?
#include "deploy/confirm_end.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <optional>

#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Moment = std::function<bool(const Call& done)>;

/// A deployment whose proxy takes the new version for down from that moment on, and for well again after `down_ms`.
Rig::End deploy_with_check_down(const std::vector<Call>& calls, std::int64_t down_ms, const Moment& moment) {
  Rig rig(two_versions());
  std::optional<std::int64_t> down_since;
  auto& is_down = rig.world.proxies.at("web").out.green;
  rig.world.after = [&](const Call& call) {
    if (down_since || !moment(call)) return;
    down_since = rig.world.now();
    is_down = true;
  };
  rig.world.before = [&](const Call&) {
    if (down_since && rig.world.now() - *down_since >= down_ms) is_down = false;
  };
  auto end = rig.deploy(calls);
  REQUIRE(down_since);
  return end;
}

bool is_old_stopped(const Call& done) {
  return done.verb == "instances.stop";
}

const Call last_call("clock.sleep", {{"duration_ms", 777}});

bool is_paused(const Call& done) {
  return done.verb == last_call.verb && done.args == last_call.args;
}

std::vector<Call> without_retiring() {
  auto calls = blue_green(0);
  calls.pop_back();
  return calls;
}

}  // namespace

TEST_CASE("a proxy's own check that fails for a moment at the very end is waited for") {
  const auto end = deploy_with_check_down(blue_green(0), 3'000, is_old_stopped);
  CHECK(end.state == "succeeded");
}

TEST_CASE("a new version that its proxy takes for down, and no old one left: an operator is told what the proxy says") {
  const auto end = deploy_with_check_down(blue_green(0), 60'000, is_old_stopped);
  CHECK(end.state == "needs_operator");
  REQUIRE(end.error);
  CHECK(end.error->code == "SH1511");
}

TEST_CASE("a new version that its proxy takes for down while the old one is there: back to the old one") {
  auto calls = without_retiring();
  calls.push_back(last_call);
  const auto end = deploy_with_check_down(calls, 60'000, is_paused);
  CHECK(end.state == "rolled_back");
  REQUIRE(end.error);
  CHECK(end.error->code == "SH1511");
  CHECK(end.error->message.find("after 10s") != std::string::npos);
}

TEST_CASE("a strategy that returns before all the traffic is moved is refused at once") {
  auto calls = without_retiring();
  calls.back() = Call("shift", {{"percent", 50}});
  Rig rig(two_versions());
  const auto end = rig.deploy(calls);
  REQUIRE(end.error);
  CHECK(end.error->code == "SH1326");
}
