// What users of a site in containers notice of its switches.
#include <doctest/doctest.h>

#include "e2e/container_site.hpp"

using namespace shunt::e2e;
using shunt::harness::Load;
using shunt::harness::LoadResult;
using namespace std::chrono_literals;

namespace {

void check_nothing_lost(const char* name, const LoadResult& seen) {
  MESSAGE(std::string(name), ": ", seen.text());
  CHECK(seen.requests > 1'000);
  CHECK(seen.failed() == 0);
}

}  // namespace

TEST_CASE("20 switches between containers lose no request") {
  ContainerSiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  ContainerSite site(options);
  const auto first = site.shunt({"deploy", "v1"});
  CAPTURE(first.text());
  REQUIRE(first.code == 0);
  auto raw = Load::wrk(site.url(), 16, 120s);
  auto orders = Load::hey(site.url(), 16, 120s, {"-m", "POST", "-d", "order=1"});
  for (int round = 0; round < 10; ++round) {
    const auto forth = site.shunt({"deploy", "v2"});
    CAPTURE(forth.text());
    REQUIRE(forth.code == 0);
    CHECK(site.serving() == "v2");
    const auto back = site.shunt({"rollback"});
    CAPTURE(back.text());
    REQUIRE(back.code == 0);
    CHECK(site.serving() == "v1");
  }
  check_nothing_lost("wrk, kept alive", raw.stop());
  check_nothing_lost("hey POST", orders.stop());
  CHECK(site.containers() == std::vector<std::string>{"shop-web-blue-0"});
}
