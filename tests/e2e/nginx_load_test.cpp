// What users of a site behind nginx notice of its switches.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <unistd.h>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "config/test_size.hpp"
#include "e2e/chat.hpp"
#include "e2e/nginx_site.hpp"

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

NginxSiteOptions held(bool by_link) {
  NginxSiteOptions options;
  options.by_link = by_link;
  options.options = "soak = \"0s\", hold = \"1h\"";
  return options;
}

// v1 in blue serves; v2 has run in green, so that nginx knows both.
void begin(NginxSite& site) {
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  REQUIRE(site.shunt({"rollback"}).code == 0);
}

// To green and back.
void switch_twice(NginxSite& site, int round) {
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

double share_of_v2(const NginxSite& site, int requests) {
  int count = 0;
  for (int i = 0; i < requests; ++i) count += site.serving() == "v2" ? 1 : 0;
  return double(count) / requests;
}

}  // namespace

TEST_CASE("switches by a link lose nothing, whatever clients do with their connections") {
  NginxSite site(held(true));
  begin(site);
  const auto workers = site.nginx->workers();
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
  CHECK(site.nginx->workers() == workers);  // nothing was reloaded
}

TEST_CASE("switches by reloads lose no GET of a client that asks again; what POSTs they lose is told") {
  NginxSite site(held(false));
  begin(site);
  auto pages = Load::hey(site.url(), 16, 60s);
  auto orders = Load::hey(site.url(), 16, 60s, post);
  for (int round = 0; round < 3; ++round) switch_twice(site, round);
  const auto seen = pages.stop();
  const auto lost = orders.stop();
  MESSAGE("hey GET over 6 switches, 12 reloads: ", seen.text());
  CHECK(seen.requests > 500);
  CHECK(seen.failed() == 0);
  auto bare = Load::hey(site.url(), 16, 60s, post);
  for (int i = 0; i < 12; ++i) {
    site.nginx->reload();
    std::this_thread::sleep_for(400ms);
  }
  MESSAGE("hey POST over 6 switches, 12 reloads: ", lost.text());
  MESSAGE("hey POST over 12 bare reloads: ", bare.stop().text());
}

TEST_CASE("a websocket outlives switches by a link") {
  auto options = held(true);
  options.location = {"proxy_http_version 1.1;", "proxy_set_header Upgrade $http_upgrade;",
                      "proxy_set_header Connection upgrade;"};
  NginxSite site(options);
  begin(site);
  const Chat chat(site.nginx->port());
  CHECK(chat.head().starts_with("HTTP/1.1 101"));
  CHECK(chat.head().find("X-Version: v1") != std::string::npos);
  for (int round = 0; round < 2; ++round) {
    switch_twice(site, round);
    CHECK(chat.answers());
  }
}

TEST_CASE("a gradual deployment gives each version its share") {
  for (const bool by_link : {true, false}) {
    INFO("by link: " << by_link);
    NginxSiteOptions options;
    options.by_link = by_link;
    options.strategy = "gradual";
    options.options = "steps = { 10, 25, 50, 75, 100 }, soak = \"5s\"";
    NginxSite site(options);
    REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
    auto running = site.start({"deploy", "v2"});
    for (const int share : {10, 25, 50, 75}) {
      const auto note = fmt::format("# shunt weights {} {}", 100 - share, share);
      REQUIRE(eventually(20s, [&] {
        const auto told = site.told();
        return told == std::to_string(share) || told.find(note) != std::string::npos;
      }));
      std::this_thread::sleep_for(by_link ? 0ms : 500ms);  // until nginx has taken up what was written
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

TEST_CASE("a user stays on one version by what `split` names, and who has the new one keeps it as its share grows") {
  NginxSiteOptions options;
  options.strategy = "gradual";
  options.options = "steps = { 30, 60, 100 }, soak = \"5s\"";
  std::function<std::string(NginxSite&, int)> ask;
  SUBCASE("a cookie") {
    options.split = "$cookie_user";
    ask = [](NginxSite& site, int user) { return site.serving({{"Cookie", fmt::format("user=u{}", user)}}); };
  }
  SUBCASE("an address") {
    options.split = "$remote_addr";
    ask = [](NginxSite& site, int user) {
      const auto ran = shunt::harness::run({{"curl", "-s", "-o", "/dev/null", "-w", "%header{x-version}", "--interface",
                                             fmt::format("127.0.0.{}", user + 2), site.url()}});
      return ran.out;
    };
  }
  NginxSite site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  std::map<int, std::string> before;
  for (const int share : {30, 60}) {
    REQUIRE(eventually(20s, [&] { return site.told() == std::to_string(share); }));
    std::map<int, std::string> now;
    std::set<std::string> versions;
    for (int user = 0; user < 20; ++user) {
      now[user] = ask(site, user);
      versions.insert(now[user]);
      CHECK(ask(site, user) == now[user]);
      if (before[user] == "v2") CHECK(now[user] == "v2");
    }
    CHECK(versions == std::set<std::string>{"v1", "v2"});
    before = now;
  }
  const auto exit = running.wait(30s);
  REQUIRE(exit);
  CHECK(exit->code == 0);
}
