// The program itself, as a shell sees it: exit codes, what goes where, and that no closed reader stops it.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/test_golden.hpp"
#include "shunt/value.hpp"

using namespace shunt;
using namespace shunt::cli;

namespace {

struct Ran {
  int exit = 0;
  std::string out;
  std::string err;
};

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// A folder of its own, in which the program is run with a state of its own.
class Place {
 public:
  Place() {
    std::string pattern = (std::filesystem::temp_directory_path() / "shunt-cli-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(folder_ / "shop");
  }
  ~Place() { std::filesystem::remove_all(folder_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::filesystem::path home() const { return folder_ / "shop"; }
  std::filesystem::path state() const { return folder_ / "state"; }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(home() / name, std::ios::binary) << text;
  }

  Ran shunt(const std::string& arguments, const std::string& around = "") const {
    const auto command = "cd '" + home().string() + "' && env -u GITHUB_ACTIONS -u NO_COLOR SHUNT_STATE='" +
                         state().string() + "' " + around + " '" + SHUNT_PROGRAM + "' " + arguments + " >'" +
                         (folder_ / "out").string() + "' 2>'" + (folder_ / "err").string() + "' </dev/null";
    Ran ran;
    const int status = std::system(command.c_str());
    ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    ran.out = text_of(folder_ / "out");
    ran.err = without_folder(text_of(folder_ / "err"));
    return ran;
  }

  /// What the program writes to a terminal.
  std::string on_terminal(const std::string& arguments, const std::string& environment) const {
    const auto command = "cd '" + home().string() + "' && env -u GITHUB_ACTIONS -u NO_COLOR TERM=xterm " + environment +
                         " timeout 20 script -qec \"'" + SHUNT_PROGRAM + "' " + arguments + "\" /dev/null >'" +
                         (folder_ / "out").string() + "' </dev/null";
    CHECK(std::system(command.c_str()) == 0);
    return text_of(folder_ / "out");
  }

 private:
  std::string without_folder(std::string text) const {
    const auto folder = std::filesystem::weakly_canonical(folder_).string();
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.replace(at, folder.size(), "DIR");
    return text;
  }

  std::filesystem::path folder_;
};

}  // namespace

TEST_CASE("version and help") {
  const Place place;
  CHECK(place.shunt("version").out.rfind("shunt ", 0) == 0);
  CHECK(place.shunt("version").exit == 0);
  CHECK(Value::parse(place.shunt("version --json").out).contains("version"));
  CHECK(place.shunt("--help").exit == 0);
  CHECK(place.shunt("").exit == 2);
  CHECK(place.shunt("deploy --help").out.find("Example:\n  shunt deploy v2.3.1\n") != std::string::npos);
}

TEST_CASE("bad usage ends with 2, on standard error") {
  const Place place;
  const auto ran = place.shunt("depoly v2");
  CHECK(ran.exit == 2);
  CHECK(ran.out.empty());
  check_golden("usage_unknown_verb", ran.err);
  check_golden("usage_unknown_option", place.shunt("deploy v2 --stratgy gradual").err);
  check_golden("usage_missing_version", place.shunt("deploy").err);
  check_golden("usage_later_verb", place.shunt("migrate").err);
  CHECK(place.shunt("migrate").exit == 2);
  for (const std::string bad :
       {"xyzzy", "--bogus status", "deploy v1 v2", "deploy v1 --set soak", "deploy v1 --force", "status --color pink",
        "status -q -v", "history -n 0", "repair --accept --due", "rollback --mode slow", "show --report x.pdf"}) {
    CAPTURE(bad);
    const auto refused = place.shunt(bad);
    CHECK(refused.exit == 2);
    CHECK(refused.out.empty());
    CHECK(refused.err.rfind("error: ", 0) == 0);
  }
  const auto json = Value::parse(place.shunt("depoly --json").out);
  CHECK(json["event"] == "error");
  CHECK(json["code"] == "SH1951");
  CHECK(json["exit"] == 2);
}

TEST_CASE("no app file: 2, and how to get one") {
  const Place place;
  const auto ran = place.shunt("status");
  CHECK(ran.exit == 2);
  check_golden("no_app_file", ran.err);
  CHECK(place.shunt("deploy v1 -f nowhere.lua").exit == 2);
}

TEST_CASE("what is wrong with an app file stops a deployment before it begins, at the author's line") {
  const Place place;
  place.shunt("init");
  const auto good = text_of(place.home() / "shunt.lua");
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = good;
    place.write("shunt.lua", text.replace(text.find(from), from.size(), to));
    return place.shunt("deploy v1");
  };
  const auto key = with("strategy =", "stratgey =");
  CHECK(key.exit == 2);
  CHECK(key.out.empty());
  check_golden("load_unknown_key", key.err);
  check_golden("load_syntax", with("app = \"shop\",", "app = \"shop\"").err);
  check_golden("load_global", with("app = \"shop\"", "app = shopname").err);
  check_golden("load_wrong_type", with("app = \"shop\"", "app = 7").err);
  const auto later = with("app = \"shop\",", "app = \"shop\", migrations = { tool = \"dbmate\" },");
  CHECK(later.exit == 2);
  check_golden("load_later_key", later.err);
  check_golden("load_later_adapter", with("type = \"process\"", "type = \"kubernetes\"").err);
  place.write("shunt.lua", good);
  place.write("mine.lua",
              "return {\n  api = 1,\n  summary = 'x',\n  run = function(deploy)\n    dploy:shift(100)\n    wait(1)\n  "
              "end,\n}\n");
  const auto strategy = place.shunt("deploy v1 --strategy mine.lua");
  CHECK(strategy.exit == 2);
  check_golden("load_strategy", strategy.err);
  CHECK(place.shunt("history").out == "nothing was deployed yet\n");
}

TEST_CASE("what comes later is said to be so") {
  const Place place;
  for (const std::string verb : {"migrate status", "init --kubernetes", "init --ecs"}) {
    CAPTURE(verb);
    const auto ran = place.shunt(verb);
    CHECK(ran.exit == 2);
    CHECK(ran.err.find("SH1004") != std::string::npos);
    CHECK(ran.err.find("not available yet") != std::string::npos);
  }
}

namespace {

constexpr const char* careless = R"(return {
  api = 1,
  summary = "careless",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(10)
    pcall(function()
      deploy:soak("5s")
    end)
    deploy:shift(100)
    deploy:traffic()
    deploy:retire_old()
  end,
}
)";

constexpr const char* careless_test = R"(test("holds", function()
  expect(sim.world():deploy("careless.lua").state):equals("succeeded")
end)

test("fails", function()
  local world = sim.world()
  world:metric("error rate", { reading = "breach" })
  local outcome = world:deploy("careless.lua")
  expect(outcome.state):equals("succeeded")
end)
)";

}  // namespace

TEST_CASE("simulate: a finding is exit 1, with line, faults, timeline and a test; none is exit 0") {
  const Place place;
  place.write("careless.lua", careless);
  const auto ran = place.shunt("simulate --strategy careless.lua --runs 2000");
  CHECK(ran.exit == 1);
  for (const char* words : {"careless.lua:12", "(SH1322)", "fault: world:metric(\"error rate\"",
                            "world:deploy(\"careless.lua\")", "15 of 15 lines reached", "1 finding"})
    CHECK_MESSAGE(ran.out.find(words) != std::string::npos, words, "\n", ran.out);
  const auto fine = place.shunt("simulate --strategy blue_green --runs 20 --set soak=1s --json");
  CHECK(fine.exit == 0);
  CHECK(fine.out.find("\"findings\":[]") != std::string::npos);
  CHECK(place.shunt("simulate --strategy blue_green --crash --set soak=1s").exit == 0);
  const auto wrong = place.shunt("simulate --faults kil");
  CHECK(wrong.exit == 2);
  CHECK(wrong.err.find("did you mean 'kill'?") != std::string::npos);
  CHECK(place.shunt("simulate --crash --exhaustive").exit == 2);
}

TEST_CASE("simulate --exhaustive goes through every single fault of a small strategy") {
  const Place place;
  const auto ran =
      place.shunt("simulate --strategy blue_green --exhaustive --faults abort,restart_proxy --set soak=1s --json");
  CHECK(ran.exit == 0);
  CHECK(ran.out.find("\"findings\":[]") != std::string::npos);
}

TEST_CASE("test: a failure is exit 1, with the author's line and the timeline; filters, TAP and JUnit") {
  const Place place;
  place.write("careless.lua", careless);
  place.write("careless_test.lua", careless_test);
  const auto ran = place.shunt("test");
  CHECK(ran.exit == 1);
  for (const char* words : {"holds", "careless_test.lua:9: expected 'succeeded', got 'rolled_back'", "shift to 10 %",
                            "1 passed, 1 failed", "careless.lua: "})
    CHECK_MESSAGE(ran.out.find(words) != std::string::npos, words, "\n", ran.out);
  CHECK(place.shunt("test --filter holds").exit == 0);
  CHECK(place.shunt("test --filter nobody").exit == 2);
  const auto tap = place.shunt("test --format tap careless_test.lua").out;
  CHECK(tap.find("TAP version 13\nok 1 - careless_test.lua: holds\nnot ok 2 - careless_test.lua: fails\n") == 0);
  CHECK(tap.find("\n1..2\n") != std::string::npos);
  const auto junit = place.shunt("test --format junit").out;
  CHECK(junit.find("<testsuite name=\"careless_test.lua\" tests=\"2\" failures=\"1\">") != std::string::npos);
  CHECK(place.shunt("test nowhere_test.lua").exit == 2);
  const Place empty;
  CHECK(empty.shunt("test").err.find("SH2104") != std::string::npos);
}

TEST_CASE("check finds what loads and is a mistake all the same") {
  const Place place;
  place.write("careless.lua", careless);
  const auto ran = place.shunt("check careless.lua");
  CHECK(ran.exit == 2);
  CHECK(ran.out.find("careless.lua:13: what deploy:traffic gives is ignored") != std::string::npos);
  CHECK(ran.out.find("SH2204") != std::string::npos);
}

TEST_CASE("repl: a deployment typed line by line, in virtual time") {
  const Place place;
  place.write("lines",
              "new = deploy:launch()\nnew:await_healthy()\ndeploy:shift(50)\nnew:smoke_test()\ndeploy:shift(50)\n"
              "deploy:traffic()\nworld:kill { at = '1h' }\nfor i = 1, 2 do\nlog.info(i)\nend\nworld:advance('2h')\n"
              "deploy:soak('5s')\n1 +\n1\nhelp deploy:shift\n{ 'a', x = 1 }.x\nnonsense\nworld:deploy('gradual')");
  const auto ran = place.shunt("repl", "sh -c '\"$0\" \"$@\" < lines'");
  CHECK(ran.exit == 0);
  for (const char* words :
       {"{ blue = 50, green = 50 }", "log info: 2", "\n2\n", "deploy:shift(percent, { service = })"})
    CHECK_MESSAGE(ran.out.find(words) != std::string::npos, words, "\n", ran.out);
  for (const char* code : {"SH1320", "SH1315", "SH1101", "SH1103", "SH2103"})
    CHECK_MESSAGE(ran.err.find(code) != std::string::npos, code, "\n", ran.err);
  CHECK(place.shunt("repl --live").err.find("requires") != std::string::npos);
}

TEST_CASE("types writes the definitions for editors") {
  const Place place;
  CHECK(place.shunt("types editor/types").exit == 0);
  for (const char* file : {"shunt.lua", "tests.lua", "app.lua"})
    CHECK(std::filesystem::file_size(place.home() / "editor" / "types" / file) > 100);
  place.write("file", "");
  CHECK(place.shunt("types file").exit == 2);
}

TEST_CASE("init writes an app file that check accepts, and never replaces one") {
  const Place place;
  CHECK(place.shunt("init").exit == 0);
  const auto text = text_of(place.home() / "shunt.lua");
  CHECK(text.find("app = \"shop\"") != std::string::npos);
  const auto checked = place.shunt("check");
  CHECK_MESSAGE(checked.exit == 0, checked.out, checked.err);
  place.write("shunt.lua", "mine");
  const auto again = place.shunt("init");
  CHECK(again.exit == 2);
  check_golden("init_exists", again.err);
  CHECK(text_of(place.home() / "shunt.lua") == "mine");
  CHECK(place.shunt("init --docker --compose -f other.lua").exit == 2);
  CHECK(place.shunt("init -f missing/folder/shunt.lua").exit == 2);
}

TEST_CASE("init writes one for containers, too, and names the Compose file that is there") {
  const Place place;
  const auto written = [&](const std::string& platform) {
    std::filesystem::remove(place.home() / "shunt.lua");
    CHECK(place.shunt("init --" + platform).exit == 0);
    const auto checked = place.shunt("check");
    CHECK_MESSAGE(checked.exit == 0, checked.out, checked.err);
    CHECK(checked.out.find("nothing to complain about") != std::string::npos);
    return text_of(place.home() / "shunt.lua");
  };
  check_golden("init_docker", written("docker"));
  check_golden("init_compose", written("compose"));
  place.write("docker-compose.yml", "services: {}\n");
  CHECK(written("compose").find("files = { \"docker-compose.yml\" }") != std::string::npos);
  place.write("compose.yaml", "services: {}\n");
  CHECK(written("compose").find("files = { \"compose.yaml\" }") != std::string::npos);
}

TEST_CASE("check warns where two versions would be one") {
  const Place place;
  place.shunt("init --docker");
  const auto with = [&](const std::string& runtime) {
    place.write("shunt.lua",
                "return { app = \"shop\",\n services = { worker = {\n  runtime = {\n   " + runtime + " } } } }\n");
    return place.shunt("check");
  };
  const auto warned = with("type = \"docker\", image = \"shop:latest\"");
  CHECK(warned.exit == 0);
  check_golden("check_same_image", warned.out);
  place.write("compose.yml", "services: { worker: { image: \"shop:latest\" } }\n");
  const auto compose = with("type = \"compose\", files = { \"compose.yml\" }");
  CHECK(compose.exit == 0);
  check_golden("check_same_project", compose.out);
  for (const char* fine : {"type = \"docker\", image = \"shop:{version}\"",
                           "type = \"compose\", files = { \"compose.yml\" }, env = { TAG = \"{version}\" }",
                           "type = \"process\", command = { \"./worker\" }, cwd = \"releases/{version}\""})
    CHECK_MESSAGE(with(fine).out.find("nothing to complain about") != std::string::npos, fine);
  CHECK(with("type = \"process\", command = { \"./worker\" }").out.find("SH1016") != std::string::npos);
  place.write("compose.yml", "services: { worker: { image: \"shop:${SHUNT_VERSION}\" } }\n");
  CHECK(with("type = \"compose\", files = { \"compose.yml\" }").out.find("nothing to") != std::string::npos);
}

TEST_CASE("check names the author's line and the nearest key") {
  const Place place;
  place.shunt("init");
  auto text = text_of(place.home() / "shunt.lua");
  const auto at = text.find("strategy =");
  text.replace(at, 8, "stratgey");
  place.write("shunt.lua", text);
  const auto ran = place.shunt("check");
  CHECK(ran.exit == 2);
  check_golden("check_unknown_key", ran.out);
  const auto json = Value::parse(place.shunt("check --json").out);
  CHECK(json["findings"].size() == 1);
  CHECK(json["findings"][0]["severity"] == "error");
}

TEST_CASE("check reads strategies without an app file") {
  const Place place;
  place.write("good.lua", "return { api = 1, summary = 'x', run = function(deploy) deploy:shift(100) end }\n");
  place.write("bad.lua", "return { api = 1, summary = 'x', run = function(deploy) dploy:shift(100) end }\n");
  place.write("worse.lua", "return {\n  api = 1,,\n}\n");
  CHECK(place.shunt("check good.lua").exit == 0);
  CHECK(place.shunt("check bad.lua").exit == 2);
  const auto ran = place.shunt("check worse.lua good.lua");
  CHECK(ran.exit == 2);
  CHECK(ran.out.find("worse.lua:2") != std::string::npos);
  CHECK(ran.out.find("[string") == std::string::npos);
}

TEST_CASE("explain knows every code, in any case") {
  const Place place;
  CHECK(place.shunt("explain sh1001").out.rfind("SH1001: unknown key", 0) == 0);
  CHECK(place.shunt("explain").out.find("SH1951") != std::string::npos);
  const auto ran = place.shunt("explain SH10011");
  CHECK(ran.exit == 2);
  CHECK(ran.err.find("did you mean SH1001") != std::string::npos);
}

TEST_CASE("strategies and adapters are listed") {
  const Place place;
  const auto strategies = place.shunt("strategies");
  CHECK(strategies.exit == 0);
  for (const auto* name : {"blue_green", "gradual", "recreate"}) CHECK(strategies.out.find(name) != std::string::npos);
  CHECK(Value::parse(place.shunt("strategies --json").out).size() >= 3);
  const auto adapters = place.shunt("adapters");
  for (const auto* name : {"process", "haproxy", "prometheus"}) CHECK(adapters.out.find(name) != std::string::npos);
  const auto one = place.shunt("adapters haproxy");
  CHECK(one.out.find("state_file") != std::string::npos);
  CHECK(one.out.find("proxy = { type = \"haproxy\"") != std::string::npos);
  CHECK(one.out.find("  stats socket {socket} mode 660 level admin") != std::string::npos);
  CHECK(place.shunt("adapters nginx").out.find("proxy_pass http://$shunt_{upstream};") != std::string::npos);
  CHECK(place.shunt("adapters process").out.find("For the configuration of") == std::string::npos);
  const auto none = place.shunt("adapters haprxy");
  CHECK(none.exit == 2);
  CHECK(none.err.find("did you mean `shunt adapters haproxy`?") != std::string::npos);
}

TEST_CASE("before the first deployment nothing is stored") {
  const Place place;
  place.shunt("init");
  CHECK(place.shunt("history").out == "nothing was deployed yet\n");
  CHECK(place.shunt("history --json").out == "[]\n");
  CHECK(place.shunt("show").exit == 5);
  CHECK(place.shunt("show --follow").exit == 5);
  CHECK(place.shunt("approve").exit == 5);
  CHECK(place.shunt("rollback").exit == 5);
  CHECK(place.shunt("resume").exit == 5);
  CHECK(place.shunt("resume --all").exit == 0);
  CHECK(place.shunt("cleanup --due").exit == 0);
  CHECK(place.shunt("repair --due").exit == 0);
  CHECK(place.shunt("logs --only live").exit == 5);
  const auto json = place.shunt("approve --json");
  CHECK(Value::parse(json.out)["exit"] == 5);
}

TEST_CASE("a reader that has gone stops nothing") {
  const Place place;
  place.shunt("init");
  // `history` opens a store and `check` a loop: neither may get the number of a descriptor that is closed.
  for (const std::string verb : {"explain", "history", "check"})
    for (const std::string way : {">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full", "| true"}) {
      CAPTURE(verb);
      CAPTURE(way);
      const int status = std::system(("cd '" + place.home().string() + "' && (SHUNT_STATE='" + place.state().string() +
                                      "' timeout 20 '" + SHUNT_PROGRAM + "' " + verb + "; test $? -eq 0) " + way)
                                         .c_str());
      CHECK(WEXITSTATUS(status) == 0);
    }
}

TEST_CASE("-v logs to standard error, standard output stays the same") {
  const Place place;
  place.shunt("init");
  const auto ran = place.shunt("history -v");
  CHECK(ran.out == "nothing was deployed yet\n");
  CHECK(ran.err.find("debug") != std::string::npos);
  CHECK(place.shunt("history").err.empty());
}

TEST_CASE("colours only where they are asked for") {
  const Place place;
  CHECK(place.shunt("explain SH1001").out.find('\x1b') == std::string::npos);
  CHECK(place.shunt("explain SH1001 --color always").out.find('\x1b') != std::string::npos);
  const auto colored = [&](const std::string& arguments, const std::string& environment = "") {
    return place.on_terminal("explain SH1001 " + arguments, environment).find("\x1b[") != std::string::npos;
  };
  CHECK(colored(""));
  CHECK(colored("--color auto"));
  CHECK_FALSE(colored("--color never"));
  CHECK_FALSE(colored("", "NO_COLOR=1"));
  CHECK(colored("--color always", "NO_COLOR=1"));
  CHECK(colored("", "NO_COLOR="));
  CHECK_FALSE(colored("", "TERM=dumb"));
}

TEST_CASE("GitHub gets an annotation") {
  const Place place;
  const auto ran = place.shunt("status", "GITHUB_ACTIONS=true");
  CHECK(ran.out.rfind("::error title=SH1012::", 0) == 0);
}
