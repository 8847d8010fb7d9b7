// What users of a site behind Caddy notice of its switches.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "config/test_size.hpp"
#include "e2e/caddy_site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using shunt::harness::Load;
using shunt::harness::LoadResult;
using namespace std::chrono_literals;

namespace {

const int rounds = shunt::test::size(3, 10);  // of two switches each
const std::vector<std::string> post = {"-m", "POST", "-d", "order=1"};
const std::vector<std::string> post_once = {"-m", "POST", "-d", "order=1", "-disable-keepalive"};
const std::vector<std::string> get_once = {"-disable-keepalive"};

CaddySiteOptions held(bool by_file) {
  CaddySiteOptions options;
  options.by_file = by_file;
  options.options = "soak = \"0s\", hold = \"1h\"";
  return options;
}

// v1 in blue serves; v2 has run in green, so that Caddy knows both.
void begin(CaddySite& site) {
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  REQUIRE(site.shunt({"rollback"}).code == 0);
}

// To green and back.
void switch_twice(CaddySite& site, int round) {
  const auto forth = site.shunt({"deploy", fmt::format("w{}", round)});
  CAPTURE(forth.text());
  REQUIRE(forth.code == 0);
  const auto back = site.shunt({"rollback"});
  CAPTURE(back.text());
  REQUIRE(back.code == 0);
}

void check_lossless(const char* name, const LoadResult& seen) {
  MESSAGE(std::string(name), ": ", seen.text());
  CHECK(seen.requests > 500);
  CHECK(seen.failed() == 0);
}

double share_of_v2(const CaddySite& site, int requests) {
  int count = 0;
  for (int i = 0; i < requests; ++i) count += site.serving() == "v2" ? 1 : 0;
  return double(count) / requests;
}

}  // namespace

TEST_CASE("switches by a file lose nothing, whatever clients do with their connections") {
  CaddySite site(held(true));
  begin(site);
  const auto config = site.caddy->ask("GET", "/config/");
  SUBCASE("kept alive") {
    auto raw = Load::wrk(site.url(), 32, 60s);
    auto orders = Load::hey(site.url(), 32, 60s, post);
    for (int round = 0; round < rounds; ++round) switch_twice(site, round);
    check_lossless("wrk, kept alive", raw.stop());
    check_lossless("hey POST, kept alive", orders.stop());
  }
  SUBCASE("closed after each request") {
    auto once = Load::hey(site.url(), 32, 60s, get_once);
    auto orders = Load::hey(site.url(), 32, 60s, post_once);
    for (int round = 0; round < rounds; ++round) switch_twice(site, round);
    check_lossless("hey GET, closed", once.stop());
    check_lossless("hey POST, closed", orders.stop());
  }
  CHECK(site.caddy->ask("GET", "/config/") == config);  // nothing was loaded
}

// A changed configuration gives Caddy new listening sockets beside the old ones; connections that waited in the queue
// of an old one are reset when it closes, and no client asks again on a connection that was new: at most once each.
// Bare PATCHes lose the same: 8 of 1,330,000 GETs in 360 of them.
constexpr int clients = 16;

TEST_CASE("switches by the API lose no GET that a client asks again; what POSTs they lose is told") {
  CaddySite site(held(false));
  begin(site);
  auto pages = Load::hey(site.url(), clients, 60s);
  auto orders = Load::hey(site.url(), clients, 60s, post);
  for (int round = 0; round < rounds; ++round) switch_twice(site, round);
  const auto seen = pages.stop();
  const auto lost = orders.stop();
  MESSAGE("hey GET over the switches: ", seen.text());
  CHECK(seen.requests > 500);
  CHECK(seen.non_2xx == 0);
  CHECK(seen.failed() == seen.socket_errors.read);
  CHECK(seen.socket_errors.read <= clients);
  const Json blue = Json::array({{{"dial", fmt::format("127.0.0.1:{}", site.blue)}}});
  const Json twice = Json::array({blue[0], blue[0]});
  auto bare = Load::hey(site.url(), 16, 60s, post);
  for (int i = 0; i < 40; ++i) {
    site.caddy->ask("PATCH", "/id/shop/upstreams", (i % 2 == 0 ? twice : blue).dump());
    std::this_thread::sleep_for(100ms);
  }
  MESSAGE("hey POST over the switches: ", lost.text());
  MESSAGE("hey POST over 40 bare PATCHes: ", bare.stop().text());
}

TEST_CASE("a gradual deployment gives each version its share") {
  for (const bool by_file : {true, false}) {
    INFO("by file: " << by_file);
    CaddySiteOptions options;
    options.by_file = by_file;
    options.strategy = "gradual";
    options.options = "steps = { 10, 25, 50, 75, 100 }, soak = \"5s\"";
    CaddySite site(options);
    REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
    auto running = site.start({"deploy", "v2"});
    for (const int share : {10, 25, 50, 75}) {
      REQUIRE(eventually(20s, [&] { return site.told() == std::to_string(share); }));
      constexpr int requests = 600;
      const double part = share_of_v2(site, requests);
      MESSAGE(share, " %: ", part * 100, " % of ", requests);
      CHECK(std::abs(part - share / 100.0) < 5 * std::sqrt(share / 100.0 * (1 - share / 100.0) / requests));
    }
    const auto exit = running.wait(30s);
    CAPTURE(running.output());
    REQUIRE(exit);
    CHECK(exit->code == 0);
    CHECK(site.serving() == "v2");
  }
}

TEST_CASE("who has the new version keeps it as its share grows") {
  CaddySiteOptions options;
  options.strategy = "gradual";
  options.options = "steps = { 30, 60, 100 }, soak = \"5s\"";
  std::map<int, std::string> cookies;
  std::function<std::string(const CaddySite&, int)> ask;
  SUBCASE("by a cookie") {
    options.policy = "cookie";
    ask = [&](const CaddySite& site, int user) {
      const auto cookie = cookies[user];
      const auto answer = shunt::harness::http_get(site.url(), {{"Cookie", cookie}});
      const auto given = answer.header("set-cookie");
      if (!given.empty()) cookies[user] = given.substr(0, given.find(';'));
      return answer.header("x-version");
    };
  }
  SUBCASE("by an address") {
    options.policy = "ip_hash";
    ask = [](const CaddySite& site, int user) {
      const auto ran = shunt::harness::run({{"curl", "-s", "-o", "/dev/null", "-w", "%header{x-version}", "--interface",
                                             fmt::format("127.0.{}.{}", user, 7 * user + 2), site.url()}});
      return ran.out;
    };
  }
  CaddySite site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  std::map<int, std::string> before;
  for (const int share : {30, 60}) {
    REQUIRE(eventually(20s, [&] { return site.told() == std::to_string(share); }));
    std::map<int, std::string> now;
    std::set<std::string> versions;
    for (int user = 0; user < 30; ++user) {
      now[user] = ask(site, user);
      versions.insert(now[user]);
      CHECK(ask(site, user) == now[user]);
      if (before[user] == "v2") CHECK(now[user] == "v2");
    }
    CHECK(versions == std::set<std::string>{"v1", "v2"});
    before = now;
  }
  const auto exit = running.wait(30s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
}
