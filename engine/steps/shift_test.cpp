// Raise before lower, confirm before going on, and whom the proxy must show.
#include <doctest/doctest.h>
#include <algorithm>

#include "deploy/test_rig.hpp"
#include "steps/move.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Lines = std::vector<std::string>;

Call shift_to(int percent) {
  return Call("shift", {{"percent", percent}});
}

/// A rig whose new version is started and proven.
struct Proven {
  Rig rig;

  explicit Proven(Deployment deployment = two_versions()) : rig(std::move(deployment)) {
    REQUIRE(rig.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test")}).ok());
    rig.world.calls.clear();
  }

  /// The versions that answer through the proxy, one after the other; the last one for ever. "" has no header.
  void answers(Lines versions) {
    rig.world.instead["http.request"] = [versions, next = std::size_t{0}](const Call&) mutable {
      const auto& version = versions[std::min(next++, versions.size() - 1)];
      Value headers = Value::object();
      if (!version.empty()) headers["x-version"] = version;
      return std::optional(Outcome(Value{{"status", 200}, {"headers", headers}}));
    };
  }

  Lines sets() const { return rig.world.lines({"proxy.set"}); }
  std::size_t requests() const { return rig.world.lines({"http.request"}).size(); }
  Outcome shift(int percent) { return rig.perform("shift", {{"percent", percent}}); }
};

}  // namespace

TEST_CASE("every step raises the new one before it lowers the old one") {
  Proven it;
  REQUIRE(it.rig.perform_all({shift_to(10), shift_to(50), shift_to(100)}).ok());
  CHECK(it.sets() == Lines{"proxy.set web 100/10", "proxy.set web 90/10", "proxy.set web 90/50", "proxy.set web 50/50",
                           "proxy.set web 50/100", "proxy.set web 0/100"});
  CHECK(it.rig.world.effective("web") == Weights(0, 100));
}

TEST_CASE("several services: all are raised, all confirmed, then all lowered in reverse") {
  Proven it(two_versions({"api", "web"}));
  REQUIRE(it.shift(50).ok());
  CHECK(it.sets() ==
        Lines{"proxy.set api 100/50", "proxy.set web 100/50", "proxy.set web 50/50", "proxy.set api 50/50"});
  const auto lines = it.rig.world.lines({"proxy.set", "http.request"});
  const auto lowered = std::find(lines.begin(), lines.end(), "proxy.set web 50/50");
  for (const auto* url : {"http.request http://api.test/", "http.request http://web.test/"})
    CHECK(std::find(lines.begin(), lowered, url) != lowered);
}

TEST_CASE("one service may be shifted alone") {
  Proven it(two_versions({"api", "web"}));
  REQUIRE(it.rig.perform("shift", {{"percent", 50}, {"service", "web"}}).ok());
  CHECK(it.sets() == Lines{"proxy.set web 100/50", "proxy.set web 50/50"});
}

TEST_CASE("explicit weights go the same way") {
  Proven it;
  REQUIRE(it.rig.perform("shift", {{"blue", 100}, {"green", 25}}).ok());
  CHECK(it.sets() == Lines{"proxy.set web 100/25"});
  CHECK(code_of(it.rig.perform("shift", {{"blue", 0}, {"green", 0}})) == "SH1301");
  CHECK(code_of(it.rig.perform("shift", {{"blue", 100}, {"green", 101}})) == "SH1301");
}

TEST_CASE("below 100 % the new version must be seen once, whoever answers before") {
  Proven it;
  it.answers({"v1", "v1", "v1", "v2"});
  REQUIRE(it.shift(10).ok());
  CHECK(it.requests() == 4);
}

TEST_CASE("at 100 % five answers in a row must be the new one's; another one begins the count anew") {
  Proven it;
  it.answers({"v2", /* lowered */ "v2", "v2", "v2", "v2", "v1", "v2"});
  REQUIRE(it.shift(100).ok());
  CHECK(it.requests() == 1 + 5 + 5);
}

TEST_CASE("a third answer stops the shift before anything is lowered") {
  Proven it;
  it.answers({"v1", "v3", "v2"});
  CHECK(code_of(it.shift(10)) == "SH1513");
  CHECK(it.sets() == Lines{"proxy.set web 100/10"});
}

TEST_CASE("an answer without the header is an error, not a third answer") {
  Proven it;
  it.answers({"", "", "v2"});
  CHECK(it.shift(10).ok());
}

TEST_CASE("never seen within the deadline: it says how often, and the old one keeps its share") {
  Proven it;
  it.answers({""});
  const auto began = it.rig.world.now();
  const auto outcome = it.shift(10);
  CHECK(code_of(outcome) == "SH1512");
  CHECK(outcome.error->message.find("seen 0 of 1 times in a row within 10s") != std::string::npos);
  CHECK(it.rig.world.now() - began >= 10'000);
  CHECK(it.rig.world.now() - began < 11'000);
  CHECK(it.sets() == Lines{"proxy.set web 100/10"});
}

TEST_CASE("without a verify the proxy's own word is enough") {
  auto deployment = two_versions();
  deployment.next.services[0].verify = Verify();
  Proven it(deployment);
  CHECK(it.shift(100).ok());
  CHECK(it.requests() == 0);
}

TEST_CASE("a weight is no share: nothing is lowered until the proxy itself calls the new one usable") {
  Proven it;
  it.rig.world.instances.at("shop-web-green-0").sick = true;
  const auto began = it.rig.world.now();
  CHECK(code_of(it.shift(100)) == "SH1511");
  CHECK(it.rig.world.now() - began >= 10'000);  // health.timeout
  CHECK(it.sets() == Lines{"proxy.set web 100/100"});
  CHECK(it.rig.world.effective("web") == Weights(100, 0));
}

TEST_CASE("a server that becomes usable late is waited for") {
  Proven it;
  auto& instance = it.rig.world.instances.at("shop-web-green-0");
  instance.ready_at = it.rig.world.now() + 3'000;
  CHECK(it.shift(100).ok());
}

TEST_CASE("a proxy that does not answer is asked again for five seconds, then the shift fails") {
  Proven it;
  it.rig.world.trouble = [](const Call& call, int, int of_verb) {
    return call.verb == "proxy.set" && of_verb <= 3 ? Trouble::unreachable : Trouble::none;
  };
  CHECK(it.shift(10).ok());
  CHECK(it.sets().size() == 5);

  Proven down;
  down.rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "proxy.set" ? Trouble::unreachable : Trouble::none;
  };
  const auto began = down.rig.world.now();
  CHECK(code_of(down.shift(10)) == "SH1501");
  CHECK(down.rig.world.now() - began > 3'000);
  CHECK(down.rig.world.now() - began <= 5'100);
}

TEST_CASE("what will not get better is not asked again") {
  Proven it;
  it.rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "proxy.set" ? Trouble::fail : Trouble::none;
  };
  CHECK(code_of(it.shift(10)) == "SH1503");
  CHECK(it.sets().size() == 1);
}

TEST_CASE("a proxy that was restarted and forgot is told again, and the shift goes on") {
  Proven it;
  REQUIRE(it.shift(50).ok());
  it.rig.world.restart_proxy("web");
  CHECK(it.rig.world.effective("web") == Weights(100, 0));
  REQUIRE(it.shift(100).ok());
  CHECK(it.rig.world.effective("web") == Weights(0, 100));
  REQUIRE(it.rig.told("warning").size() == 1);
  CHECK(it.rig.told("warning")[0].find("was restarted and forgot") != std::string::npos);
}

TEST_CASE("a proxy that does not know where instances are by now is told the same shares again") {
  Proven it;
  REQUIRE(it.shift(50).ok());
  it.rig.world.calls.clear();
  it.rig.world.proxies.at("web").lost = {true, false};
  CHECK(it.rig.world.effective("web") == Weights(0, 100));
  REQUIRE(it.shift(100).ok());
  CHECK(it.sets() == Lines{"proxy.set web 50/50", "proxy.set web 50/100", "proxy.set web 0/100"});
  CHECK(it.rig.told("warning").size() == 1);
}

TEST_CASE("shares that somebody else changed are never overwritten without a word from an operator") {
  for (const auto* says : {"", "reject"}) {
    Proven it;
    REQUIRE(it.shift(50).ok());
    it.rig.world.operator_says = says;
    it.rig.world.proxies.at("web").weights = Weights(70, 30);
    it.rig.world.calls.clear();
    const auto outcome = it.shift(100);
    CHECK(code_of(outcome) == "SH1913");
    CHECK(outcome.error->control);
    CHECK(it.sets().empty());
  }
  Proven it;
  REQUIRE(it.shift(50).ok());
  it.rig.world.operator_says = "approve";
  it.rig.world.proxies.at("web").weights = Weights(70, 30);
  it.rig.world.calls.clear();
  CHECK(it.shift(100).ok());
  CHECK(it.sets() ==
        Lines{"proxy.set web 70/50", "proxy.set web 50/50", "proxy.set web 50/100", "proxy.set web 0/100"});
}

TEST_CASE("where nothing served before the new version gets all at once, and a share is a warning") {
  Proven it(first_version());
  REQUIRE(it.shift(10).ok());
  CHECK(it.sets() == Lines{"proxy.set web 100/0"});
  CHECK(it.rig.told("warning").size() == 1);
}

TEST_CASE("the shares found before the first effect are registered once, for all services") {
  Proven it(two_versions({"api", "web"}));
  REQUIRE(it.rig.perform_all({shift_to(10), shift_to(50)}).ok());
  const auto& hooks = it.rig.machinery.journal.hooks();
  CHECK(std::count_if(hooks.begin(), hooks.end(), [](const auto& hook) { return hook.call.verb == "restore"; }) == 1);
  const Value shares = {{"blue", 100}, {"green", 0}};
  CHECK(hooks.back().call.args["shares"] == Value{{"api", shares}, {"web", shares}});
}

TEST_CASE("traffic tells the effective shares") {
  Proven it;
  REQUIRE(it.shift(10).ok());
  CHECK(it.rig.perform("traffic").value == Value{{"blue", 90}, {"green", 10}});
}

TEST_CASE("a proxy that keeps clients on a version by a cookie is asked as many clients") {
  Proven it;
  it.rig.world.pinned = "cookie:user";
  it.rig.world.instead["http.request"] = [](const Call& call) {
    const auto cookie = call.args["headers"].value("Cookie", "");
    const bool is_lucky = cookie == "user=shunt-3";
    return std::optional(Outcome(Value{{"status", 200}, {"headers", {{"x-version", is_lucky ? "v2" : "v1"}}}}));
  };
  REQUIRE(it.shift(10).ok());
  CHECK(it.requests() == 3);
}

TEST_CASE(
    "a proxy that keeps clients on a version by their address cannot show the new one before 100 %, and it says so") {
  Proven it;
  it.rig.world.pinned = "address";
  it.answers({"v1"});
  REQUIRE(it.shift(10).ok());
  CHECK(it.rig.told("warning").size() == 1);
  CHECK_FALSE(it.shift(100).ok());
}

TEST_CASE("shares that a proxy was told in steps are the same shares; a colour more or less is not") {
  using steps::same_shares;
  CHECK(same_shares(Weights(100, 75), Weights(100, 75)));
  CHECK(same_shares(Weights(100, 75), Weights(55, 45)));
  CHECK(same_shares(Weights(90, 10), Weights(45, 5)));
  CHECK_FALSE(same_shares(Weights(100, 0), Weights(98, 2)));
  CHECK_FALSE(same_shares(Weights(100, 75), Weights(70, 30)));
  CHECK_FALSE(same_shares(Weights(0, 0), Weights(50, 50)));
}
