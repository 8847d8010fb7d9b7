// The prompt on a terminal, as somebody types at it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "e2e/terminal.hpp"
#include "harness/harness.hpp"

using namespace shunt;
using namespace shunt::e2e;
using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

struct Prompt {
  TemporaryFolder folder;
  Terminal terminal;

  Prompt() : terminal(command(folder)) { CHECK(shows("Ctrl-D ends")); }

  static Command command(const TemporaryFolder& folder) {
    Command command;
    command.argv = {shunt_program().string(), "repl"};
    command.env = {{"SHUNT_STATE", (folder / "state").string()}, {"TERM", "xterm"}, {"NO_COLOR", "1"}};
    command.env["LSAN_OPTIONS"] = "exitcode=0";  // libedit itself keeps two names of its own
    command.cwd = folder.path();
    return command;
  }

  // Whether it stands on the screen, once more than before.
  bool shows(const std::string& words) {
    return eventually(10s, [&] {
      const auto& screen = terminal.output();
      const auto at = screen.find(words, seen_);
      if (at == std::string::npos) return false;
      seen_ = at + words.size();
      return true;
    });
  }

 private:
  std::size_t seen_ = 0;
};

}  // namespace

TEST_CASE("names are completed, lines go on, history comes back and is kept for its owner alone") {
  Prompt prompt;
  auto& terminal = prompt.terminal;
  terminal.type("clock.d\t()\r");
  CHECK(prompt.shows("weekday = \"fri\""));
  terminal.type("clock.\t");
  CHECK(prompt.shows("clock.date  clock.now  clock.sleep"));
  terminal.type(
      "\x15"
      "for i = 1, 2 do\r");
  CHECK(prompt.shows(">> "));
  terminal.type("log.info(i)\rend\r");
  CHECK(prompt.shows("log info: 2"));
  terminal.type("40 + 2\r");
  CHECK(prompt.shows("42\r\n"));
  terminal.type("\x1b[A\r");
  CHECK(prompt.shows("42\r\n"));
  terminal.type("\x04");
  const auto ended = terminal.wait(10s);
  REQUIRE(ended);
  CHECK(*ended == Exit{0, 0});
  struct stat facts {};
  REQUIRE(::stat((prompt.folder / "state" / "repl_history").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}
