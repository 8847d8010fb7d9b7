// Real processes behind real proxies, under load: shunt is killed at random moments, and resumed.
#include <doctest/doctest.h>

#include "config/test_size.hpp"
#include "crash/killer.hpp"
#include "e2e/caddy_site.hpp"
#include "e2e/nginx_site.hpp"
#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::crash::Killer;
using shunt::harness::Load;
using namespace std::chrono_literals;

namespace {

constexpr int clients = 10;
constexpr int requests_per_client = 50;  ///< each second
constexpr auto longest = 600s;

template <typename AnySite>
void kill_under_load(AnySite& site, const char* what, unsigned seed) {
  REQUIRE(site.shunt({"deploy", "v0"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto load = Load::hey(site.url(), clients, longest, {"-q", std::to_string(requests_per_client)});
  Killer killer(site, seed, [&site] { return site.shops().size(); });
  killer.go_on_until(shunt::test::size(10, 70));
  const auto seen = load.stop();
  MESSAGE(std::string(what), ": ", killer.tally.kills, " kills in ", killer.tally.deployments, " deployments (",
          killer.tally.too_late, " ended before); ", seen.text());
  CHECK(seen.requests > 500);
  CHECK(seen.failed() == 0);
}

}  // namespace

TEST_CASE("behind HAProxy") {
  SiteOptions options;
  options.drain = "500ms";
  Site site(options);
  kill_under_load(site, "HAProxy", 1);
}

TEST_CASE("behind nginx, by a link") {
  NginxSite site;
  kill_under_load(site, "nginx, by a link", 2);
}

TEST_CASE("behind Caddy, by a file") {
  CaddySite site;
  kill_under_load(site, "Caddy, by a file", 3);
}
