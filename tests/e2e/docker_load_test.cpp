// What users of a site in containers notice of its switches.
#include <doctest/doctest.h>

#include "config/test_size.hpp"
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

void switch_under_load(ContainerSite& site, int rounds) {
  const auto first = site.shunt({"deploy", "v1"});
  CAPTURE(first.text());
  REQUIRE(first.code == 0);
  auto raw = Load::wrk(site.url(), 16, 300s);
  auto orders = Load::hey(site.url(), 16, 300s, {"-m", "POST", "-d", "order=1"});
  for (int round = 0; round < rounds; ++round) {
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

ContainerSiteOptions held() {
  ContainerSiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  return options;
}

int rounds() {
  return shunt::test::size(3, 10);  // of two switches each
}

}  // namespace

TEST_CASE("switches between containers of a Docker Engine lose no request") {
  ContainerSite site(held());
  switch_under_load(site, rounds());
}

TEST_CASE("switches between containers of Podman lose no request") {
  ContainerSite site(held(), shunt::harness::PodmanOptions());
  switch_under_load(site, rounds());
}
