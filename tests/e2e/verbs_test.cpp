// The verbs that tell, and init.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

// Without what stands between two marks, both included.
std::string without(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  const auto end = text.find(to, at);
  REQUIRE_MESSAGE(end != std::string::npos, to);
  return text.erase(at, end + to.size() - at);
}

}  // namespace

TEST_CASE("history, show, reports and logs tell what was done") {
  SiteOptions options;
  options.command_more = "\"--log-line\", \"hello from {version}\",";
  Site site(options);
  CHECK(site.shunt({"show"}).code == 5);
  CHECK(site.shunt({"logs", "--only", "live"}).code == 5);
  REQUIRE(site.shunt({"deploy", "v1", "--reason", "the first one"}).code == 0);
  const std::string first = site.status()["deployment"]["id"];
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);

  const auto history = site.shunt({"history"});
  CHECK(history.code == 0);
  CHECK(has(history.out, "v1"));
  CHECK_FALSE(has(site.shunt({"history", "-n", "1"}).out, "v1"));

  const auto show = site.shunt({"show"});
  CHECK(show.code == 0);
  CHECK(has(show.out, "v2"));
  CHECK(has(show.out, "shift"));
  CHECK(site.shunt({"show", "--follow"}).code == 0);
  CHECK(has(site.shunt({"show", first}).out, "the first one"));
  const auto none = site.shunt({"show", "nothing-of-that-name"});
  CHECK(none.code == 2);
  CHECK(has(none.err, "SH1932"));

  for (const auto* name : {"report.md", "report.html", "report.json"}) {
    INFO(name);
    CHECK(site.shunt({"show", "--report", name}).code == 0);
    const auto page = site.folder.read(name);
    CHECK(has(page, "v2"));
    CHECK(has(page, "succeeded"));
  }
  CHECK(Json::parse(site.folder.read("report.json"))["version"] == "v2");
  CHECK(has(site.folder.read("report.html"), "</html>"));
  CHECK(site.shunt({"show", "--report", "report.pdf"}).code == 2);
  CHECK(site.shunt({"show", "--report", "no/such/folder/report.md"}).code == 2);

  CHECK(has(site.shunt({"logs"}).out, "hello from v2"));
  CHECK(has(site.shunt({"logs", "web", "--only", "live"}).out, "hello from v2"));
  CHECK_FALSE(has(site.shunt({"logs", "--only", "blue"}).out, "hello from v2"));
  const auto stranger = site.shunt({"logs", "wbe"});
  CHECK(stranger.code == 2);
  CHECK(has(stranger.err, "SH1905"));
}

TEST_CASE("check, strategies, adapters, explain, version") {
  Site site;
  CHECK(site.shunt({"check"}).code == 0);
  const auto strategies = site.shunt({"strategies"});
  CHECK(strategies.code == 0);
  for (const auto* name : {"blue_green", "gradual", "recreate", "downtime"}) CHECK(has(strategies.out, name));
  const auto adapters = site.shunt({"adapters"});
  CHECK(adapters.code == 0);
  for (const auto* name : {"process", "haproxy", "prometheus"}) CHECK(has(adapters.out, name));
  const auto explained = site.shunt({"explain", "SH1320"});
  CHECK(explained.code == 0);
  CHECK(has(explained.out, "await_healthy"));
  CHECK(site.shunt({"explain", "SH9999"}).code == 2);
  CHECK(has(site.shunt({"version"}).out, "shunt"));
  const auto mistyped = site.shunt({"deploi", "v1"});
  CHECK(mistyped.code == 2);
  CHECK(has(mistyped.err, "shunt deploy"));
  CHECK(site.shunt({"migrate"}).code == 2);
  CHECK(site.shunt({"deploy"}).code == 2);
  CHECK(site.shunt({"deploy", "no version"}).code == 2);
  CHECK(site.shunt({"deploy", std::string(64, 'v')}).code == 2);
}

TEST_CASE("what init writes deploys with a few edits") {
  Site site;
  std::filesystem::remove(site.app_file());
  const auto written = site.shunt({"init"});
  CAPTURE(written.text());
  REQUIRE(written.code == 0);
  CHECK(site.shunt({"check"}).code == 0);
  const auto again = site.shunt({"init"});
  CHECK(again.code == 2);
  CHECK(has(again.err, "SH1954"));

  auto text = site.folder.read("shunt.lua");
  text = replaced(text, "\"./server\", \"--port\", \"{port}\"",
                  fmt::format("\"{}\", \"--port\", \"{{port}}\", \"--version\", \"{{version}}\"",
                              shunt::harness::shop_program().string()));
  text = replaced(text, "cwd = \"releases/{version}\",\n", "");
  text = replaced(text, "blue = 3000, green = 3001", fmt::format("blue = {}, green = {}", site.blue, site.green));
  text = replaced(text, "socket = \"/run/haproxy/admin.sock\"",
                  fmt::format("socket = \"{}\"", site.proxy->socket().string()));
  const auto backend = text.find("backend = \"");
  text.replace(backend, text.find('\n', backend) - backend, "backend = \"shop\",");
  text = replaced(text, "soak = \"5m\"", "soak = \"0s\"");
  text = without(text, "  metrics = {", "\n  },\n");
  text = without(text, "  gates = {", "\n  },\n");
  site.write_app(text);
  const auto first = site.shunt({"deploy", "v1"});
  CAPTURE(first.text());
  REQUIRE(first.code == 0);
  CHECK(site.shunt({"deploy", "v2"}).code == 0);
  CHECK(site.serving() == "v2");
}

TEST_CASE("an abort names the run that it means") {
  SiteOptions options;
  options.options = "soak = \"60s\"";
  options.drain = "1s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  const std::string first = site.status()["deployment"]["id"];
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] { return site.serving() == "v2"; }));
  CHECK(site.shunt({"abort", first}).code == 5);  // that one has ended
  CHECK_FALSE(running.wait(500ms));
  const std::string second = site.status()["deployment"]["id"];
  CHECK(site.shunt({"abort", second, "--reason", "enough"}).code == 0);
  const auto exit = running.wait(20s);
  REQUIRE(exit);
  CHECK(exit->code == 1);
  CHECK(running.output().find("enough") != std::string::npos);
  CHECK(site.serving() == "v1");
}
