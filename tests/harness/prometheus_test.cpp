#include "harness/prometheus.hpp"

#include <doctest/doctest.h>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"
#include "harness/shop.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

TEST_CASE("Prometheus scrapes the shop") {
  const TemporaryFolder folder;
  const Shop shop({"v1", "blue"});
  for (int i = 0; i < 7; ++i) http_get(shop.url());
  const Prometheus prometheus(folder, {{shop.port(), free_port()}});
  CHECK(prometheus.query("count(up)").find(",\"2\"]") != std::string::npos);
  const auto says = [&](const std::string& expression, const std::string& value) {
    return eventually(20s,
                      [&] { return prometheus.query(expression).find(",\"" + value + "\"]") != std::string::npos; });
  };
  CHECK(says(R"(http_requests_total{version="v1",color="blue"})", "7"));
  CHECK(says("http_errors_total", "0"));
  CHECK(says("count(up == 0)", "1"));
}
