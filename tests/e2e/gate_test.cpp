// A gate on a real Prometheus.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;

namespace {

struct Watched {
  Site site;
  shunt::harness::Prometheus prometheus;

  explicit Watched(SiteOptions options)
      : site(options), prometheus(site.folder, shunt::harness::PrometheusOptions{{site.blue, site.green}, "200ms"}) {
    options.more += fmt::format(
        "metrics = {{ type = \"prometheus\", url = \"{}\" }},\n"
        "  gates = {{ {{ name = \"error rate\", query = [[sum(rate(http_errors_total{{color=\"{{color}}\"}}[2s])) / "
        "sum(rate(http_requests_total{{color=\"{{color}}\"}}[2s]))]], max = 0.05, interval = \"200ms\", "
        "on_inconclusive = \"promote\" }} }},",
        prometheus.url());
    site.configure(options);
  }
};

}  // namespace

TEST_CASE("errors that rise only under traffic send the traffic back, and the numbers say why") {
  SiteOptions options;
  options.strategy = "gradual";
  options.options = "steps = { 10, 50, 100 }, soak = \"6s\"";
  Watched watched(options);
  auto& site = watched.site;
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  options.command_more = "\"--error-rate-after-traffic\", \"0.5\",";
  options.more = fmt::format(
      "metrics = {{ type = \"prometheus\", url = \"{}\" }},\n gates = {{ {{ name = \"error rate\", query = "
      "[[sum(rate(http_errors_total{{color=\"{{color}}\"}}[2s])) / "
      "sum(rate(http_requests_total{{color=\"{{color}}\"}}[2s]))]], max = 0.05, interval = \"200ms\", on_inconclusive "
      "= \"promote\" }} }},",
      watched.prometheus.url());
  site.configure(options);
  auto load = shunt::harness::Load::hey(site.url(), 8, 60s);
  const auto bad = site.shunt({"--json", "deploy", "v2"});
  static_cast<void>(load.stop());
  CAPTURE(bad.text());
  CHECK(bad.code == 1);
  CHECK(bad.text().find("SH1611") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  const auto shown = site.shunt({"--json", "show"});
  CHECK(shown.out.find("samples") != std::string::npos);
}
