#include "harness/ports.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace shunt::harness;

TEST_CASE("ports are distinct, and below those that clients get") {
  const auto ports = free_ports(300);
  const std::set<int> distinct(ports.begin(), ports.end());
  CHECK(distinct.size() == 300);
  CHECK(*distinct.begin() >= 10240);
  CHECK(*distinct.rbegin() < 32768);
}
