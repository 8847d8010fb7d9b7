// Does every example do what its page says? Each is copied, given free ports, and run.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "docs/book.hpp"
#include "docs/example.hpp"
#include "e2e/site.hpp"
#include "harness/harness.hpp"

using namespace shunt::docs;
using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

// The command lines of a unit's ExecStart, with the built program in place of the installed one.
std::vector<std::vector<std::string>> started_by(const std::string& unit) {
  std::vector<std::vector<std::string>> commands;
  std::istringstream lines(unit);
  const std::string key = "ExecStart=";
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    std::istringstream words(line.substr(key.size()));
    std::vector<std::string> command;
    for (std::string word; words >> word;) command.push_back(word);
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace

TEST_CASE("02: one machine with nginx") {
  Example example("02-nginx", {3000, 3001, 8080});
  const auto at = [&](const std::string& name) { return (example.folder / name).string(); };
  example.everywhere("/etc/nginx/shunt-shop.conf", at("shunt-shop.conf"));
  example.everywhere("/srv/shares/shop/live", at("shares/live"));
  const auto pid = at("nginx.pid");
  const auto conf = example.folder.write(
      "nginx.conf",
      fmt::format("daemon off;\nuser root;\npid {};\nerror_log {};\nevents {{}}\nhttp {{\naccess_log off;\n"
                  "map_hash_bucket_size 256;\ninclude {};\n}}\n",
                  pid, at("error.log"), at("conf.d/shop.conf")));
  example.everywhere(
      "switch = \"link\",",
      fmt::format("switch = \"link\", pid_file = \"{0}\", test = {{ \"nginx\", \"-t\", \"-c\", \"{1}\" }}, "
                  "reload = {{ \"nginx\", \"-s\", \"reload\", \"-c\", \"{1}\" }},",
                  pid, conf.string()));
  fs::create_directories(example.folder / "conf.d");
  auto install = replaced(book().take(example.page(), "echo 'map"), "/etc/nginx/conf.d", at("conf.d"));
  install = replaced(std::move(install), "/etc/nginx/shunt-shop.conf", at("shunt-shop.conf"));
  install = replaced(std::move(install), "nginx -t", "nginx -t -c " + conf.string());
  install = replaced(std::move(install), "nginx -s reload", "");  // it is started below
  const auto installed = example.run_here({"sh", "-ec", install});
  CAPTURE(installed.output());
  REQUIRE(installed.code() == 0);
  Program nginx(Command{{"nginx", "-c", conf.string()}});
  nginx.start();
  REQUIRE(eventually(5s, [&] { return fs::exists(pid); }));
  example.follow("shunt deploy v1");
  CHECK(example.serving(8080) == "v2");
  CHECK(fs::read_symlink(example.folder / "shares/live") == "100");
}

TEST_CASE("03: two services and a scheduler") {
  Example example("03-several-services", {3000, 3001, 4000, 4001, 8080, 8081});
  example.start_haproxy();
  example.follow("shunt deploy v1");
  CHECK(example.serving(8080) == "v1");
  CHECK(example.serving(8081) == "v1");
  CHECK(fs::exists(example.folder / "scheduler.lock"));
  CHECK(example.run_here({"flock", "--nonblock", "scheduler.lock", "true"}).code() == 1);  // it is held
}

TEST_CASE("04: a site of Caddy") {
  Example example("04-caddy", {3000, 3001, 8080, 2019});
  const auto folder = (example.folder / "routes").string();
  example.everywhere("/var/lib/shunt-caddy", folder);
  example.everywhere("\"Caddyfile\"", fmt::format("\"{}\"", (example.folder / "Caddyfile").string()));
  const auto start = book().take(example.page(), "caddy run");
  CHECK(start.find("mkdir -p /var/lib/shunt-caddy\n") != std::string::npos);
  fs::create_directories(folder);
  const auto commands = commands_in(start, "caddy");
  REQUIRE(commands.size() == 1);
  Command words{commands.front()};
  words.argv.insert(words.argv.begin(), "caddy");
  words.cwd = example.folder.path();
  words.env = {{"HOME", example.folder.path().string()}, {"XDG_DATA_HOME", ""}, {"XDG_CONFIG_HOME", ""}};
  Program caddy(words);
  caddy.start();
  REQUIRE(eventually(10s, [&] { return http_get(example.port(2019), "/config/").status == 200; }));
  example.follow("shunt deploy v1");
  CHECK(example.serving(8080) == "v1");
}

TEST_CASE("05: taking over what systemd runs") {
  Example example("05-take-over", {3000, 3001, 8080});
  book().take(example.page(), "systemctl start shop");
  const auto unit = started_by(example.folder.read("shop.service"));
  REQUIRE(unit.size() == 1);
  auto words = unit.front();
  CHECK(words.front() == "/usr/local/bin/shop");
  words.front() = shop_program().string();
  Program shop(Command{words});
  shop.start();
  example.start_haproxy();
  REQUIRE(eventually(5s, [&] { return example.serving(8080) == "v1"; }));
  const auto commands = commands_in(book().take(example.page(), "shunt adopt v1"));
  REQUIRE(commands.size() == 3);
  CHECK(example.shunt(commands[0]).code() == 0);
  CHECK(example.shunt(commands[1]).code() == 0);
  CHECK(example.serving(8080) == "v2");
  CHECK(shop.alive());
  CHECK(example.shunt({"rollback"}).code() == 0);
  CHECK(example.serving(8080) == "v1");
  CHECK(example.shunt(commands[1]).code() == 0);
  shop.terminate();  // systemctl disable --now shop
  const auto last = example.shunt(commands[2]);
  CAPTURE(last.output());
  CHECK(last.code() == 0);
  CHECK(example.serving(8080) == "v3");
}

TEST_CASE("06: the units are good, and after a reboot they bring back what served") {
  Example units("06-boot", {});
  book().take(units.page(), "systemctl enable");
  units.everywhere("/usr/local/bin/shunt", shunt_program().string());
  for (const auto* name : {"shunt-boot@.service", "shunt-due.service", "shunt-due.timer"}) {
    const auto verified = units.run_here({"systemd-analyze", "verify", "--man=no", (units.folder / name).string()});
    CAPTURE(verified.output());
    CHECK(verified.code() == 0);
    CHECK(verified.output().empty());
  }
  const auto boot = started_by(units.folder.read("shunt-boot@.service"));
  const auto due = started_by(units.folder.read("shunt-due.service"));
  REQUIRE(boot.size() == 2);
  REQUIRE(due.size() == 3);

  shunt::e2e::Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.crash_instances();
  REQUIRE(eventually(10s, [&] { return site.serving().empty(); }));
  CHECK(boot.front() == std::vector<std::string>{shunt_program().string(), "resume", "--all"});
  auto words = boot.back();
  CHECK(words[2] == "/srv/%i/shunt.lua");
  const auto brought_back = site.shunt({words.begin() + 3, words.end()});
  CAPTURE(brought_back.text());
  CHECK(brought_back.code == 0);
  CHECK(site.serving() == "v1");
  for (auto command : due) {
    command.insert(command.begin() + 1, {"--state", site.state().string()});
    CAPTURE(fmt::format("{}", fmt::join(command, " ")));
    CHECK(run(Command{command}).code() == 0);
  }
  CHECK(site.serving() == "v1");
}

TEST_CASE("07: every strategy is checked, tested and simulated") {
  Example example("07-strategies", {});
  for (const auto& command : commands_in(book().take(example.page(), "shunt test"))) {
    const auto ran = example.shunt(command);
    CAPTURE(fmt::format("{}", fmt::join(command, " ")));
    CAPTURE(ran.output());
    CHECK(ran.code() == 0);
    if (command.front() == "test") CHECK(ran.out.find("16 passed, 0 failed") != std::string::npos);
  }
}

TEST_CASE("08 and 09: what their pages say is run with container engines, by a test of its own") {
  for (const auto* words : {"haproxy -D", "shunt deploy v1"}) book().take("examples/08-docker/README.md", words);
  for (const auto* words : {"caddy run", "shunt deploy v1"}) book().take("examples/09-compose/README.md", words);
}
