// A deployment that somebody types, for real.
#include <doctest/doctest.h>
#include <csignal>

#include "e2e/site.hpp"
#include "e2e/terminal.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using shunt::harness::Exit;
using namespace std::chrono_literals;

namespace {

struct Typed {
  Site site;
  std::unique_ptr<Terminal> terminal;

  Typed() { REQUIRE(site.shunt({"deploy", "v1"}).code == 0); }

  void begin() {
    auto command = site.command({"repl", "v2", "--live"});
    command.env["LSAN_OPTIONS"] = "exitcode=0";  // libedit itself keeps two names of its own
    terminal = std::make_unique<Terminal>(command);
    REQUIRE(shows("to begin: "));
    terminal->type("shop\r");
    REQUIRE(shows("> "));
  }

  // Whether it stands on the screen, once more than before.
  bool shows(const std::string& words) {
    return eventually(20s, [&] {
      const auto at = terminal->output().find(words, seen_);
      if (at == std::string::npos) return false;
      seen_ = at + words.size();
      return true;
    });
  }

  void type_up_to_the_switch() {
    terminal->type("new = deploy:launch()\r");
    REQUIRE(shows("> "));
    terminal->type("new:await_healthy() new:smoke_test()\r");
    REQUIRE(shows("> "));
    terminal->type("deploy:shift(50) deploy:traffic()\r");
    terminal->type("deploy:traffic()\r");
    REQUIRE(shows("{ blue = 50, green = 50 }"));
    REQUIRE(shows("> "));
  }

  Exit end() {
    const auto exit = terminal->wait(20s);
    CAPTURE(terminal->output());
    REQUIRE(exit);
    return *exit;
  }

 private:
  std::size_t seen_ = 0;
};

}  // namespace

TEST_CASE("every line acts; guard rails and mistakes end no deployment; Ctrl-D ends it where all is done") {
  Typed typed;
  typed.begin();
  typed.terminal->type("deploy:shift(100)\r");
  CHECK(typed.shows("SH1320"));
  typed.terminal->type("nonsense\r");
  CHECK(typed.shows("SH1103"));
  typed.type_up_to_the_switch();
  CHECK(typed.site.status()["deployment"]["strategy"] == "prompt");
  typed.terminal->type("deploy:shift(100) deploy:retire_old()\r");
  REQUIRE(typed.shows("retire the old colour: done"));
  REQUIRE(typed.shows("> "));
  typed.terminal->type("\x04");
  CHECK(typed.end() == Exit{0, 0});
  CHECK(typed.site.serving() == "v2");
  CHECK(typed.site.status()["deployment"]["state"] == "succeeded");
  const auto run = typed.site.status()["deployment"]["id"].get<std::string>();
  CHECK(typed.site.shunt({"replay", run}).code == 0);
}

TEST_CASE("what is not done at Ctrl-D, at Ctrl-C or at an abort is rolled back") {
  Typed typed;
  typed.begin();
  typed.type_up_to_the_switch();
  int expected = 1;
  SUBCASE("Ctrl-D") {
    typed.terminal->type("\x04");
  }
  SUBCASE("Ctrl-C") {
    typed.terminal->type("\x03");
    expected = 130;
  }
  SUBCASE("shunt abort") {
    CHECK(typed.site.shunt({"abort"}).code == 0);
  }
  const auto ended = typed.end();
  CAPTURE(typed.terminal->output());
  CHECK(ended == Exit{expected, 0});
  CHECK(typed.site.serving() == "v1");
  CHECK(typed.site.shops().size() == 1);
  CHECK(typed.site.status()["deployment"]["state"] == "rolled_back");
}

TEST_CASE("it is killed between two lines: resume finds what was typed, and ends it") {
  Typed typed;
  typed.begin();
  typed.type_up_to_the_switch();
  ::kill(typed.terminal->pid(), SIGKILL);
  REQUIRE(typed.terminal->wait(5s));
  const auto resumed = typed.site.shunt({"resume"});
  CAPTURE(resumed.text());
  CHECK(resumed.code == 1);
  CHECK(typed.site.serving() == "v1");
  CHECK(typed.site.shops().size() == 1);
}

TEST_CASE("it asks before it begins, and lines may be piped") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto command = site.command({"repl", "v2", "--live"});
  command.input = "another\n";
  const auto refused = shunt::harness::run(command, 20s);
  CHECK(refused.code() == 2);
  CHECK(refused.output().find("SH1015") != std::string::npos);
  CHECK(site.status()["deployment"]["version"] == "v1");
  command = site.command({"repl", "v2", "--live", "--yes"});
  command.input =
      "new = deploy:launch()\nnew:await_healthy()\nnew:smoke_test()\ndeploy:shift(100)\ndeploy:retire_old()\n";
  const auto ran = shunt::harness::run(command, 30s);
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);
  CHECK(site.serving() == "v2");
}
