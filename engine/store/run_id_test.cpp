#include "store/run_id.hpp"

#include <doctest/doctest.h>
#include <set>

using shunt::store::new_run_id;

TEST_CASE("a run id is the time and four letters") {
  const std::string id = new_run_id(1'795'235'833'999);
  CAPTURE(id);
  CHECK(id.size() == 20);
  CHECK(id.substr(0, 16) == "20261121-043713-");
  CHECK(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz", 16) == std::string::npos);
  CHECK(new_run_id(0).substr(0, 16) == "19700101-000000-");
}

TEST_CASE("run ids sort by time and differ within a second") {
  CHECK(new_run_id(1'795'000'001'000) > new_run_id(1'795'000'000'999));
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) seen.insert(new_run_id(1'795'000'000'000));
  CHECK(seen.size() > 45);
}
