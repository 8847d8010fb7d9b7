// Taking over what somebody else started, without anybody noticing.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

SiteOptions one_that_serves() {
  SiteOptions options;
  options.configured_blue = 100;
  return options;
}

/// A site whose blue one was started by hand.
struct Running {
  Site site;
  shunt::harness::Shop shop;

  explicit Running(SiteOptions options = one_that_serves())
      : site(std::move(options)), shop({"v1", "blue", site.blue, {}}) {
    REQUIRE(eventually(5s, [&] { return site.serving() == "v1"; }));
  }
};

Json instance_of(Site& site, const std::string& color) {
  const auto status = site.status();
  for (const auto& instance : status["services"][0]["instances"])
    if (instance["color"] == color) return instance;
  return {};
}

}  // namespace

TEST_CASE("adopt, the next deployment and its rollback lose no request; the adopted program is never touched") {
  Running it;
  const auto pid = it.shop.program().pid();
  auto load = shunt::harness::Load::wrk(it.site.url(), 32, 60s);
  const auto adopted = it.site.shunt({"adopt", "v1", "--as", "blue", "--reason", "moving in"});
  CAPTURE(adopted.text());
  CHECK(adopted.code == 0);
  const auto status = it.site.status();
  CHECK(status["live"]["color"] == "blue");
  CHECK(status["live"]["version"] == "v1");
  CHECK(status["drift"].empty());
  CHECK(instance_of(it.site, "blue")["state"] == "running");
  CHECK(instance_of(it.site, "blue")["healthy"] == true);
  const auto deployed = it.site.shunt({"deploy", "v2"});
  CAPTURE(deployed.text());
  CHECK(deployed.code == 0);
  CHECK(deployed.text().find("left running") != std::string::npos);
  CHECK(it.site.serving() == "v2");
  CHECK(it.shop.program().alive());
  const auto back = it.site.shunt({"rollback"});
  CAPTURE(back.text());
  CHECK(back.code == 0);
  CHECK(it.site.serving() == "v1");
  CHECK(it.shop.program().pid() == pid);
  const auto result = load.stop();
  MESSAGE(result.text());
  CHECK(result.requests > 1000);
  CHECK(result.failed() == 0);
}

TEST_CASE("what may be stopped ends once it is replaced; a rollback starts it from its own release") {
  Running it;
  REQUIRE(it.site.shunt({"adopt", "v1", "--as", "blue", "--may-stop"}).code == 0);
  REQUIRE(it.site.shunt({"deploy", "v2"}).code == 0);
  CHECK_FALSE(it.shop.program().alive());
  const auto back = it.site.shunt({"rollback"});
  CAPTURE(back.text());
  CHECK(back.code == 0);
  CHECK(it.site.serving() == "v1");
  CHECK(it.site.shops().size() == 1);
}

TEST_CASE("what may not be stopped is not in anybody's way: the next launch at its port is refused") {
  Running it;
  REQUIRE(it.site.shunt({"adopt", "v1", "--as", "blue"}).code == 0);
  REQUIRE(it.site.shunt({"deploy", "v2"}).code == 0);
  const auto refused = it.site.shunt({"deploy", "v3"});
  CAPTURE(refused.text());
  CHECK(refused.code == 2);
  CHECK(refused.text().find("SH1933") != std::string::npos);
  CHECK(it.site.serving() == "v2");
  CHECK(it.shop.program().alive());
  it.shop.program().terminate();
  CHECK(it.site.shunt({"deploy", "v3"}).code == 0);
  CHECK(it.site.serving() == "v3");
}

TEST_CASE("a deployment that takes the old version down is refused for what may not be stopped") {
  Running it;
  REQUIRE(it.site.shunt({"adopt", "v1", "--as", "blue"}).code == 0);
  const auto refused = it.site.shunt({"deploy", "v2", "--strategy", "recreate"});
  CAPTURE(refused.text());
  CHECK(refused.code == 2);
  CHECK(refused.text().find("--may-stop") != std::string::npos);
  CHECK(it.site.serving() == "v1");
}

TEST_CASE("an adopted program that is gone: drift, and repair starts its release") {
  Running it;
  REQUIRE(it.site.shunt({"adopt", "v1", "--as", "blue"}).code == 0);
  it.shop.program().kill();
  CHECK(it.site.shunt({"status"}).code == 1);
  const auto refused = it.site.shunt({"deploy", "v2"});
  CHECK(refused.code == 3);
  CHECK(refused.text().find("SH1922") != std::string::npos);
  const auto repaired = it.site.shunt({"repair"});
  CAPTURE(repaired.text());
  CHECK(repaired.code == 0);
  CHECK(it.site.serving() == "v1");
  CHECK(it.site.status()["drift"].empty());
}

TEST_CASE("nothing is adopted that does not serve, is not ready, or is not the version that it is called") {
  const auto check = [](Site& site, const std::vector<std::string>& words, int code, const std::string& says) {
    const auto refused = site.shunt(words);
    CAPTURE(refused.text());
    CHECK(refused.code == code);
    CHECK(refused.text().find(says) != std::string::npos);
    CHECK(site.status()["live"] == Json({{"color", nullptr}, {"version", nullptr}}));
    CHECK(site.status()["services"][0]["instances"].empty());
  };
  SUBCASE("nobody listens") {
    Site site(one_that_serves());
    check(site, {"adopt", "v1", "--as", "blue"}, 2, "SH1407");
  }
  SUBCASE("the other colour gets the traffic") {
    Running it;
    shunt::harness::Shop other({"v1", "green", it.site.green, {}});
    check(it.site, {"adopt", "v1", "--as", "green"}, 2, "SH1935");
  }
  SUBCASE("it is not ready") {
    SiteOptions options = one_that_serves();
    options.health_timeout = "1s";
    Site site(options);
    shunt::harness::Shop shop({"v1", "blue", site.blue, {}});
    REQUIRE(eventually(5s, [&] { return site.serving() == "v1"; }));
    auto text = site.app_text();
    text.replace(text.find("/health/ready"), 13, "/no/such/page");
    site.write_app(text);
    check(site, {"adopt", "v1", "--as", "blue"}, 1, "SH1310");
    CHECK(shop.program().alive());
  }
  SUBCASE("another version answers") {
    Running it;
    check(it.site, {"adopt", "v7", "--as", "blue"}, 1, "SH13");
    CHECK(it.shop.program().alive());
  }
  SUBCASE("something is recorded already") {
    Running it;
    REQUIRE(it.site.shunt({"adopt", "v1", "--as", "blue"}).code == 0);
    const auto refused = it.site.shunt({"adopt", "v1", "--as", "blue"});
    CHECK(refused.code == 2);
    CHECK(refused.text().find("SH1934") != std::string::npos);
  }
}
