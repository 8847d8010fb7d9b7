// Does the documentation tell the truth? In the order in which a newcomer reads it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "docs/book.hpp"
#include "harness/harness.hpp"

using namespace shunt::docs;
using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

Book& book() {
  static Book all;
  return all;
}

// A folder with two free ports for the colours and one for HAProxy, in place of those that the pages name.
struct Place {
  TemporaryFolder folder;
  std::vector<int> ports = free_ports(3);
  std::unique_ptr<Program> proxy;

  std::string address(int index) const { return fmt::format("127.0.0.1:{}", ports[static_cast<std::size_t>(index)]); }
  std::string socket() const { return (folder / "admin.sock").string(); }

  void start_haproxy(std::string configuration) {
    configuration = replaced(std::move(configuration), "/run/haproxy/admin.sock", socket());
    configuration = replaced(std::move(configuration), "127.0.0.1:3000", address(0));
    configuration = replaced(std::move(configuration), "127.0.0.1:3001", address(1));
    const auto file = folder.write("haproxy.cfg", configuration);
    proxy = std::make_unique<Program>(Command{{"haproxy", "-db", "-f", file.string()}});
    proxy->start();
    REQUIRE(eventually(5s, [&] { return std::filesystem::exists(socket()); }));
  }

  // The words of the pages, with the shop in place of their service, and seconds in place of minutes.
  std::string localised(std::string app) const {
    app = replaced(std::move(app), R"("node", "server.js")", fmt::format("\"{}\"", shop_program().string()));
    app = replaced(std::move(app), "blue = 3000", fmt::format("blue = {}", ports[0]));
    app = replaced(std::move(app), "green = 3001", fmt::format("green = {}", ports[1]));
    app = replaced(std::move(app), "/run/haproxy/admin.sock", socket());
    app = replaced(std::move(app), "http://127.0.0.1/", fmt::format("http://{}/", address(2)));
    app = replaced(std::move(app), "soak = \"2m\"", "soak = \"200ms\"");
    return replaced(std::move(app), "drain = \"30s\"", "drain = \"5s\"");
  }

  Ran shunt(std::vector<std::string> words) const {
    Command command;
    command.argv = {shunt_program().string()};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.env = {{"SHUNT_STATE", (folder / "state").string()}, {"GITHUB_ACTIONS", ""}};
    command.cwd = folder.path();
    return run(std::move(command), 60s);
  }

  std::string serving() const { return http_get(ports[2], "/").header("x-version"); }
};

// The words of every line of a block that runs shunt, without prompts and comments.
std::vector<std::vector<std::string>> commands_in(const std::string& block) {
  std::vector<std::vector<std::string>> commands;
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<std::string> command;
    for (std::string word; words >> word;) command.push_back(word);
    if (!command.empty() && command.front() == "$") command.erase(command.begin());
    if (command.empty() || command.front() != "shunt") continue;
    command.erase(command.begin());
    commands.push_back(std::move(command));
  }
  return commands;
}

void set_up(Place& place) {
  auto proxy = book().take("docs/getting-started.md", "frontend web");
  place.start_haproxy(replaced(std::move(proxy), "127.0.0.1:80", place.address(2)));
  const auto app = place.localised(book().take("docs/getting-started.md", "services = {"));
  place.folder.write("shunt.lua", app);
  for (const auto* version : {"v1", "v2"}) std::filesystem::create_directories(place.folder / "releases" / version);
}

std::string without_spaces(std::string text) {
  std::erase_if(text, [](char letter) { return letter == ' ' || letter == '\n' || letter == ','; });
  return text;
}

std::string from_run(const std::string& strategy) {
  return without_spaces(strategy.substr(strategy.find("summary")));
}

}  // namespace

TEST_CASE("getting started: from nothing to a rollback") {
  Place place;
  set_up(place);
  for (const auto& words : commands_in(book().take("docs/getting-started.md", "shunt check"))) {
    const auto ran = place.shunt(words);
    CAPTURE(ran.output());
    CHECK(ran.code() == 0);
  }
  const auto commands = commands_in(book().take("docs/getting-started.md", "shunt deploy v1"));
  REQUIRE(commands.size() == 5);
  for (const auto& words : commands) {
    const auto ran = place.shunt(words);
    CAPTURE(words.front());
    CAPTURE(ran.output());
    CHECK(ran.code() == 0);
    if (words.front() == "deploy") CHECK(place.serving() == words.back());
  }
  CHECK(place.serving() == "v1");
}

TEST_CASE("getting started: the gate is one that the app file takes") {
  Place place;
  auto app = place.localised(book().take("docs/getting-started.md", "services = {"));
  const auto gate = book().take("docs/getting-started.md", "gates = {");
  app.insert(app.rfind('}'), gate);
  place.folder.write("shunt.lua", app);
  const auto ran = place.shunt({"check"});
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);
}

TEST_CASE("the first page: what it names can be run") {
  Place place;
  const auto commands = commands_in(book().take("README.md", "$ shunt init"));
  REQUIRE(commands.size() == 4);
  const auto init = place.shunt(commands[0]);
  CAPTURE(init.output());
  CHECK(init.code() == 0);
  CHECK(place.folder.read("shunt.lua").find("services = {") != std::string::npos);
  set_up(place);
  CHECK(place.shunt({"deploy", "v1"}).code() == 0);
  for (std::size_t i = 1; i < commands.size(); ++i) {
    const auto ran = place.shunt(commands[i]);
    CAPTURE(ran.output());
    CHECK(ran.code() == 0);
  }
  CHECK(place.serving() == "v1");
}

TEST_CASE("the first page: its scripts are there, and say what they do") {
  std::istringstream lines(book().take("README.md", "script/demo"));
  int found = 0;
  for (std::string line; std::getline(lines, line); ++found) {
    const auto script = source_folder() / line.substr(0, line.find(' '));
    CAPTURE(script);
    const auto ran = run(Command{{script.string(), "--help"}});
    CHECK(ran.code() == 0);
    CHECK(ran.out.size() > 100);
  }
  CHECK(found == 2);
}

TEST_CASE("writing a strategy: blue_green is shown as it is") {
  const auto shown = book().take("docs/writing-a-strategy.md", "deploy:soak(options.soak)");
  std::ifstream file(source_folder() / "strategies/blue_green.lua");
  std::ostringstream bundled;
  bundled << file.rdbuf();
  CHECK(from_run(shown) == from_run(bundled.str()));
}

TEST_CASE("writing a strategy: the one with a backup deploys") {
  Place place;
  set_up(place);
  REQUIRE(place.shunt({"deploy", "v1"}).code() == 0);
  auto strategy = book().take("docs/writing-a-strategy.md", "./backup.sh");
  strategy = replaced(std::move(strategy), "http://127.0.0.1/", fmt::format("http://{}/", place.address(2)));
  place.folder.write("careful.lua", strategy);
  const auto backup = place.folder.write("backup.sh", "#!/bin/sh\necho \"$1\" >> backups\n");
  std::filesystem::permissions(backup, std::filesystem::perms::owner_all);
  const auto ran = place.shunt({"deploy", "v2", "--strategy", "careful.lua"});
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);
  CHECK(place.serving() == "v2");
  CHECK(place.folder.read("backups") == "save\n");
}

TEST_CASE("the page of HAProxy: its configuration works, and keeps the shares over a restart") {
  Place place;
  auto configuration = book().take("adapters/proxy/haproxy/README.md", "server-state-file");
  configuration =
      replaced(std::move(configuration), "/var/lib/haproxy/state", (place.folder / "state.haproxy").string());
  place.start_haproxy(replaced(std::move(configuration), "bind :80", "bind " + place.address(2)));
  auto app = place.localised(book().take("docs/getting-started.md", "services = {"));
  app = replaced(std::move(app), "backend = \"shop\"",
                 fmt::format("backend = \"shop\", state_file = \"{}\"", (place.folder / "state.haproxy").string()));
  place.folder.write("shunt.lua", app);
  for (const auto* version : {"v1", "v2"}) std::filesystem::create_directories(place.folder / "releases" / version);
  for (const auto* version : {"v1", "v2"}) {
    const auto ran = place.shunt({"deploy", version});
    CAPTURE(ran.output());
    REQUIRE(ran.code() == 0);
  }
  place.proxy->terminate();
  std::filesystem::remove(place.socket());
  place.proxy->start();
  REQUIRE(eventually(10s, [&] { return place.serving() == "v2"; }));
  CHECK(place.shunt({"status"}).code() == 0);
}

TEST_CASE("no code block is left that nobody executes") {
  const auto left = book().left();
  for (const auto& block : left) MESSAGE("not executed: ", block);
  CHECK(left.empty());
}
