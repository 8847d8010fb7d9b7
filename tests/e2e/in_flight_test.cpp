// What is under way at a switch: a request of nine seconds, and a websocket, behind every proxy and way to switch it.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <chrono>
#include <functional>
#include <thread>

#include "e2e/caddy_site.hpp"
#include "e2e/chat.hpp"
#include "e2e/nginx_site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

constexpr const char* drain = "11s";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A site behind any proxy, whose old version is drained for at most `drain`.
struct Place {
  Desk& desk;
  int port;
  std::function<std::string()> serving;
  bool closes_chats = false;  ///< with every switch
};

void tell(const Place& place) {
  REQUIRE(place.desk.shunt({"deploy", "v1"}).code == 0);
  const Chat chat(place.port);
  REQUIRE(chat.head().starts_with("HTTP/1.1 101"));
  REQUIRE(has(chat.head(), ": v1\r\n"));
  const auto url = fmt::format("http://127.0.0.1:{}/slow?ms=9000", place.port);
  shunt::harness::Program slow({{"curl", "-s", "-f", "-m", "30", url}});
  slow.start();
  std::this_thread::sleep_for(300ms);
  auto running = place.desk.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return place.serving() == "v2"; }));
  std::this_thread::sleep_for(2s);
  if (!place.closes_chats) CHECK(chat.answers());
  const auto answered = slow.wait(20s);
  REQUIRE(answered);
  CHECK(answered->code == 0);
  CHECK(has(slow.out(), "v1"));
  const auto exit = running.wait(30s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK_FALSE(chat.answers());  // drained as configured: its version has been stopped
  CHECK(place.desk.shops().size() == 1);
}

}  // namespace

TEST_CASE("behind HAProxy") {
  SiteOptions options;
  options.drain = drain;
  Site site(options);
  tell({site, site.proxy->port(), [&] { return site.serving(); }});
}

TEST_CASE("behind nginx") {
  bool by_link = false;
  SUBCASE("by a link") {
    by_link = true;
  }
  SUBCASE("by reloads") {
    by_link = false;
  }
  NginxSiteOptions options;
  options.by_link = by_link;
  options.drain = drain;
  options.location = {"proxy_http_version 1.1;", "proxy_set_header Upgrade $http_upgrade;",
                      "proxy_set_header Connection upgrade;"};
  NginxSite site(options);
  tell({site, site.nginx->port(), [&] { return site.serving(); }});
}

TEST_CASE("behind Caddy") {
  bool by_file = false;
  SUBCASE("by a file") {
    by_file = true;
  }
  SUBCASE("by its API") {
    by_file = false;
  }
  CaddySiteOptions options;
  options.by_file = by_file;
  options.drain = drain;
  CaddySite site(options);
  tell({site, site.caddy->port(), [&] { return site.serving(); }, !by_file});
}
