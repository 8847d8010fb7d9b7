// A gate on a real Prometheus.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;

namespace {

// The app file's lines for one gate; `more` are its further keys.
std::string gate(const shunt::harness::Prometheus& prometheus, const std::string& query, const std::string& more) {
  return fmt::format(
      "metrics = {{ type = \"prometheus\", url = \"{}\", timeout = \"500ms\" }},\n"
      "  gates = {{ {{ name = \"error rate\", query = [[{}]], interval = \"200ms\", {} }} }},",
      prometheus.url(), query, more);
}

constexpr auto error_rate =
    "sum(rate(http_errors_total{color=\"{color}\"}[2s])) / sum(rate(http_requests_total{color=\"{color}\"}[2s]))";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("errors that rise only under traffic send the traffic back, and the numbers say why") {
  SiteOptions options;
  options.strategy = "gradual";
  options.options = "steps = { 10, 50, 100 }, soak = \"6s\"";
  Site site(options);
  const shunt::harness::Prometheus prometheus(site.folder, {{site.blue, site.green}, "200ms"});
  options.more = gate(prometheus, error_rate, "max = 0.05, on_inconclusive = \"promote\"");
  site.configure(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  options.command_more = "\"--error-rate-after-traffic\", \"0.5\",";
  site.configure(options);
  auto load = shunt::harness::Load::hey(site.url(), 8, 60s);
  const auto bad = site.shunt({"--json", "deploy", "v2"});
  static_cast<void>(load.stop());
  CAPTURE(bad.text());
  CHECK(bad.code == 1);
  CHECK(has(bad.text(), "SH1611"));
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  CHECK(has(site.shunt({"--json", "show"}).out, "samples"));
}

TEST_CASE("gates that breach, cannot tell, or cannot be measured: each as the app file says") {
  SiteOptions options;
  options.options = "soak = \"1s\"";
  options.drain = "1s";
  Site site(options);
  shunt::harness::Prometheus prometheus(site.folder, {{site.blue, site.green}, "200ms"});
  const auto deploy = [&](const std::string& version, const std::string& query, const std::string& more) {
    options.more = gate(prometheus, query, more);
    site.configure(options);
    return site.shunt({"deploy", version});
  };
  const auto goes_back = [&](const Ended& ended, const std::string& code) {
    CAPTURE(ended.text());
    CHECK(ended.code == 1);
    CHECK(has(ended.text(), code));
    CHECK(site.serving() == "v1");
    CHECK(site.shops().size() == 1);
  };
  // On a first deployment there is nothing to go back to: not being able to tell is a warning.
  const auto first = deploy("v1", "absent_metric", "max = 1");
  CAPTURE(first.text());
  REQUIRE(first.code == 0);
  CHECK(has(first.text(), "not enough evidence"));

  goes_back(deploy("v2", "vector(2)", "max = 1, failures = 2"), "SH1611");
  goes_back(deploy("v2", "vector(2)", "min = 3"), "SH1611");
  goes_back(deploy("v2", "absent_metric", "max = 1, on_inconclusive = \"rollback\""), "SH1613");
  goes_back(deploy("v2", "vector(0) / vector(0)", "max = 1, on_inconclusive = \"rollback\""), "SH1613");
  goes_back(deploy("v2", "absent_metric", "max = 1, approve_timeout = \"300ms\""), "SH1613");
  goes_back(deploy("v2", "this is no query", "max = 1, on_error = \"rollback\""), "SH1612");
  goes_back(deploy("v2", "http_requests_total or vector(1)", "max = 1, on_error = \"rollback\""), "SH1612");

  // A breach cannot be caught away: neither more traffic nor the end of the old one comes after it.
  options.more = gate(prometheus, "vector(2)", "max = 1");
  site.configure(options);
  for (const auto* what :
       {"deploy:shift(100)", "deploy:retire_old()", "proxy.set { service = \"web\", blue = 50, green = 60 }"}) {
    INFO(what);
    site.folder.write("deaf.lua", std::string("return { api = 1, summary = \"deaf\", run = function(deploy)\n"
                                              "local new = deploy:launch() new:await_healthy() new:smoke_test()\n"
                                              "deploy:shift(50)\npcall(deploy.soak, deploy, \"500ms\")\n") +
                                      what + "\nend }\n");
    const auto ended = site.shunt({"deploy", "v2", "--strategy", "deaf.lua"});
    goes_back(ended, "SH1322");
    CHECK(has(ended.text(), "deaf.lua:5"));
  }

  const auto promoted = deploy("v2", "absent_metric", "max = 1, on_inconclusive = \"promote\"");
  CAPTURE(promoted.text());
  CHECK(promoted.code == 0);
  CHECK(site.serving() == "v2");

  // A provider that is gone, and pause: an operator may let it go on.
  prometheus.program().kill();
  options.more = gate(prometheus, "vector(0)", "max = 1");
  site.configure(options);
  auto running = site.start({"deploy", "v3"});
  REQUIRE(shunt::harness::eventually(
      30s, [&] { return site.status()["deployment"]["state"] == "waiting" || !running.alive(); }, 100ms));
  CHECK(has(running.output(), "cannot be measured"));
  CHECK(site.shunt({"approve"}).code == 0);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK(site.serving() == "v3");
}
