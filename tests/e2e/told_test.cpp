// What people read when something goes wrong, from the real program in front of a real HAProxy: golden files.
#include <doctest/doctest.h>
#include <csignal>
#include <regex>
#include <sstream>

#include "cli/test_golden.hpp"
#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::cli::check_golden;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

std::string replaced(const std::string& text, const std::string& pattern, const std::string& by) {
  return std::regex_replace(text, std::regex(pattern), by);
}

// The text without what differs from run to run: places, times, names.
std::string settled(std::string text, const Site& site) {
  text = replaced(text, site.folder.path().string(), "DIR");
  text = replaced(text, ":" + std::to_string(site.blue) + "\\b", ":BLUE");
  text = replaced(text, ":" + std::to_string(site.green) + "\\b", ":GREEN");
  text = replaced(text, "\\d{8}-\\d{6}-[a-z0-9]+", "RUN");
  text = replaced(text, "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+Z)?", "TIME");
  text = replaced(text, "[^ ]+@[^ :,;)\n]+", "WHO");
  text = replaced(text, "\\b(pid|process) \\d+", "$1 PID");
  text = replaced(text, "\\b\\d+(\\.\\d+)? ?m?s\\b", "N s");
  return text;
}

const char* const fails_half_way = R"(return {
  api = 1,
  summary = "fails half way",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(50)
    error("no luck")
  end,
}
)";

/// A site whose v1 serves, with a strategy that fails half way.
struct Failing : Site {
  Failing() {
    REQUIRE(shunt({"deploy", "v1"}).code == 0);
    folder.write("bad.lua", fails_half_way);
  }
  Ended fail(std::vector<std::string> words = {}, std::map<std::string, std::string> env = {}) {
    words.insert(words.end(), {"deploy", "v2", "--strategy", "bad.lua"});
    return shunt(std::move(words), std::move(env));
  }
};

}  // namespace

TEST_CASE("a deployment that is rolled back, line by line") {
  Failing site;
  const auto ended = site.fail();
  CHECK(ended.code == 1);
  check_golden("told_rolled_back", settled(ended.out, site));
  check_golden("told_rolled_back_error", settled(ended.err, site));
  const auto quiet = site.fail({"-q"});
  CHECK(quiet.code == 1);
  CHECK(settled(quiet.out, site) == "rolled back after N s: v1 (blue) serves\n");
}

TEST_CASE("a deployment that is rolled back, as JSON: an object a line, the end last") {
  Failing site;
  const auto ended = site.fail({"--json"});
  CHECK(ended.code == 1);
  CHECK(ended.err.empty());
  std::istringstream lines(ended.out);
  for (std::string line; std::getline(lines, line);) {
    const auto object = Json::parse(line, nullptr, false);
    CAPTURE(line);
    REQUIRE(object.is_object());
    for (const auto* name : {"time", "event", "deployment"}) CHECK(object.contains(name));
  }
  const auto last = ended.events().back();
  CHECK(last["event"] == "ended");
  CHECK(last["state"] == "rolled_back");
  CHECK(last["exit"] == 1);
  CHECK(last["serves"] == "v1 (blue) serves");
  CHECK(last["error"]["code"] == "SH1201");
  CHECK(last["error"]["where"]["line"] == 9);
}

TEST_CASE("a deployment that is rolled back, on GitHub: groups, an annotation, a job summary") {
  Failing site;
  const auto summary = site.folder.write("summary.md", "before\n").string();
  const auto ended = site.fail({}, {{"GITHUB_ACTIONS", "true"}, {"GITHUB_STEP_SUMMARY", summary}});
  CHECK(ended.code == 1);
  check_golden("told_github", settled(ended.out, site));
  check_golden("told_github_summary", settled(site.folder.read("summary.md"), site));
}

TEST_CASE("a lock that is held: who, since when, at which step") {
  SiteOptions options;
  options.options = "soak = \"60s\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1", "--set", "soak=0s"}).code == 0);
  auto running = site.start({"deploy", "v2"});
  REQUIRE(eventually(20s, [&] {
    const auto lock = site.status()["lock"];
    return lock.is_object() && lock.value("step", "") == "soak";
  }));
  const auto ended = site.shunt({"deploy", "v3"});
  CHECK(ended.code == 4);
  check_golden("told_lock", settled(ended.text(), site));
  const auto json = site.shunt({"--json", "deploy", "v3"});
  CHECK(json.code == 4);
  CHECK(json.last("error")["exit"] == 4);
  check_golden("told_status_locked", settled(site.shunt({"status"}).text(), site));
  running.signal(SIGINT);
  CHECK(running.wait(20s).has_value());
}

TEST_CASE("drift: what differs, what serves, what to do") {
  SiteOptions options;
  options.options = "soak = \"0s\", hold = \"1h\"";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(site.shunt({"deploy", "v2"}).code == 0);
  site.proxy->command("set weight shop/blue 100");
  site.proxy->command("set weight shop/green 0");
  const auto ended = site.shunt({"deploy", "v3"});
  CHECK(ended.code == 3);
  check_golden("told_drift", settled(ended.text(), site));
  const auto status = site.shunt({"status"});
  CHECK(status.code == 1);
  check_golden("told_status_drift", settled(status.text(), site));
}

TEST_CASE("with standard output closed, what is printed goes nowhere: no file or socket takes its place") {
  Site site;
  const auto deploy = [&](const std::string& version, const std::string& closed) {
    shunt::harness::Command command;
    command.argv = {"sh",
                    "-c",
                    "exec \"$0\" -f \"$1\" --state \"$2\" deploy \"$3\" " + closed,
                    shunt::harness::shunt_program().string(),
                    site.app_file().string(),
                    site.state().string(),
                    version};
    command.env = {{"GITHUB_ACTIONS", ""}};
    return shunt::harness::run(command, 60s).code();
  };
  CHECK(deploy("v1", ">&-") == 0);
  const auto lock = site.folder.read("state/shop/lock");  // the first file that is opened
  CHECK(lock.starts_with("{"));
  CHECK(lock.find("succeeded") == std::string::npos);
  CHECK(deploy("v2", "<&- >&- 2>&-") == 0);
  CHECK(site.serving() == "v2");
}
