// Does the documentation tell the truth? In the order in which a newcomer reads it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "adapters/registered.hpp"
#include "config/catalogue.hpp"
#include "docs/book.hpp"
#include "harness/harness.hpp"
#include "shunt/duration.hpp"
#include "shunt/registry.hpp"

using namespace shunt::docs;
using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

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
    if (app.find("haproxy") != std::string::npos) app = replaced(std::move(app), "/run/haproxy/admin.sock", socket());
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
    return run(std::move(command), 240s);
  }

  std::string serving() const { return http_get(ports[2], "/").header("x-version"); }
};

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

// As a page: what it means and what to do, for each code.
std::string errors_page() {
  std::string page =
      "# Errors\n\nEvery error has a code that stays. `shunt explain CODE` says the same as this page, which is made "
      "from the "
      "same\ncatalogue.\n\n| code | | what it means | what to do |\n|---|---|---|---|\n";
  for (const auto& info : shunt::catalogue())
    page += fmt::format("| {} | {} | {} | {} |\n", info.code, info.title, info.meaning, info.remedy);
  return page;
}

// The first two columns of a page's first table, without the marks of code.
std::map<std::string, std::string> table_of(const std::string& page) {
  std::ifstream in(source_folder() / page);
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("| `")) {
      if (!rows.empty()) break;
      continue;
    }
    std::erase(line, '`');
    const auto second = line.find(" | ", 2);
    rows[line.substr(2, second - 2)] = line.substr(second + 3, line.find(" | ", second + 3) - second - 3);
  }
  return rows;
}

std::string default_of(const shunt::Key& key) {
  if (key.required) return "required";
  if (key.type == shunt::Type::duration)
    return fmt::format("\"{}\"", shunt::to_text(shunt::Milliseconds(key.fallback.get<std::int64_t>())));
  if (key.fallback.is_array()) {
    std::string list;
    for (const auto& item : key.fallback) list += (list.empty() ? "" : ", ") + item.dump();
    return "{ " + list + " }";
  }
  return key.fallback.dump();
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
  strategy = replaced(std::move(strategy), "deploy:soak(\"1m\")", "deploy:soak(\"200ms\")");
  place.folder.write("careful.lua", strategy);
  const auto backup = place.folder.write("backup.sh", "#!/bin/sh\necho \"$1\" >> backups\n");
  std::filesystem::permissions(backup, std::filesystem::perms::owner_all);
  const auto ran = place.shunt({"deploy", "v2", "--strategy", "careful.lua"});
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);
  CHECK(place.serving() == "v2");
  CHECK(place.folder.read("backups") == "save\n");
}

TEST_CASE("writing a strategy: it is checked, tested and simulated as the page says") {
  Place place;
  place.folder.write("careful.lua", book().take("docs/writing-a-strategy.md", "./backup.sh"));
  place.folder.write("careful_test.lua", book().take("docs/writing-a-strategy.md", "goes back when errors rise"));
  for (const char* words : {"shunt check careful.lua", "shunt test", "shunt simulate", "shunt repl", "shunt types"}) {
    for (auto command : commands_in(book().take("docs/writing-a-strategy.md", words))) {
      for (auto& word : command)
        if (word == "10000") word = "40";
      if (command.size() == 3 && command.front() == "simulate") command.insert(command.end(), {"--runs", "40"});
      const auto ran = place.shunt(command);
      CAPTURE(command.front());
      CAPTURE(ran.output());
      CHECK(ran.code() == 0);
    }
  }
  CHECK(std::filesystem::exists(place.folder / "types" / "shunt.lua"));
}

TEST_CASE("the cookbook: every strategy is sound, and passes its tests") {
  Place place;
  const std::vector<std::string> files = {"wait_for_lag.lua",  "warm_up.lua",        "two_looks.lua",
                                          "optional_step.lua", "build_and_push.lua", "cookbook_test.lua"};
  for (const auto& file : files) place.folder.write(file, book().take("docs/cookbook.md", "-- " + file));
  for (const auto& file : files) {
    if (file == "cookbook_test.lua") continue;
    const auto ran = place.shunt({"check", file});
    CHECK_MESSAGE(ran.code() == 0, ran.output());
  }
  const auto ran = place.shunt({"test"});
  CHECK_MESSAGE(ran.code() == 0, ran.output());
  CHECK(ran.out.find("7 passed, 0 failed") != std::string::npos);
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

TEST_CASE("the page of HAProxy: servers that begin nowhere are a configuration") {
  const TemporaryFolder folder;
  const auto servers = book().take("adapters/proxy/haproxy/README.md", "blue.invalid");
  const auto file = folder.write("haproxy.cfg",
                                 "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server "
                                 "1s\nfrontend www\n  bind 127.0.0.1:8080\n  default_backend shop\nbackend shop\n" +
                                     servers + "\n");
  const auto ran = run({{"haproxy", "-c", "-f", file.string()}});
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);
}

TEST_CASE("the page of nginx: its configuration works, and a switch reloads nothing") {
  Place place;
  const auto file = (place.folder / "shunt-shop.conf").string();
  const auto link = (place.folder / "shares/shop/live").string();
  const auto located = [&](std::string text) {
    text = replaced(std::move(text), "/etc/nginx/shunt-shop.conf", file);
    return text.find("/srv/shares/shop/live") == std::string::npos
               ? text
               : replaced(std::move(text), "/srv/shares/shop/live", link);
  };
  const auto page = "adapters/proxy/nginx/README.md";
  CHECK(run({{"sh", "-c", located(book().take(page, "echo 'map"))}}).code() == 0);
  auto http = located(book().take(page, "location / {"));
  http = replaced(std::move(http), "listen 80;", "listen " + place.address(2) + ";");
  const auto pid = (place.folder / "nginx.pid").string();
  const auto conf = place.folder.write("nginx.conf", fmt::format("daemon off;\npid {};\nerror_log {}/error.log;\n"
                                                                 "user root;\nevents {{}}\n{}",
                                                                 pid, place.folder.path().string(), http));
  place.proxy = std::make_unique<Program>(Command{{"nginx", "-c", conf.string()}});
  place.proxy->start();
  auto app = book().take("docs/getting-started.md", "services = {");
  const auto begin = app.find("proxy = {");
  app.replace(begin, app.find("},\n      verify") + 2 - begin, located(book().take(page, "switch = \"link\",")));
  app.insert(
      app.find("switch = \"link\","),
      fmt::format("pid_file = \"{0}\", test = {{ \"nginx\", \"-t\", \"-c\", \"{1}\" }}, reload = {{ \"nginx\", \"-s\", "
                  "\"reload\", \"-c\", \"{1}\" }}, ",
                  pid, conf.string()));
  place.folder.write("shunt.lua", place.localised(app));
  REQUIRE(eventually(5s, [&] { return std::filesystem::exists(pid); }));
  for (const auto* version : {"v1", "v2"}) {
    std::filesystem::create_directories(place.folder / "releases" / version);
    const auto ran = place.shunt({"deploy", version});
    CAPTURE(ran.output());
    REQUIRE(ran.code() == 0);
    CHECK(place.serving() == version);
  }
  CHECK(std::filesystem::read_symlink(link) == "100");
}

TEST_CASE("the page of Caddy: its lines are taken, by Caddy and by shunt") {
  Place place;
  const auto page = "adapters/proxy/caddy/README.md";
  const auto site = place.folder.write("Caddyfile", book().take(page, "import /var/lib/shunt/caddy/web.cadd?"));
  const auto adapted = run({{"caddy", "adapt", "--adapter", "caddyfile", "--config", site.string()}});
  CAPTURE(adapted.output());
  CHECK(adapted.code() == 0);
  auto app = place.localised(book().take("docs/getting-started.md", "services = {"));
  const auto begin = app.find("proxy = {");
  app.replace(begin, app.find("},\n      verify") + 2 - begin, book().take(page, "switch = \"file\""));
  place.folder.write("shunt.lua", app);
  const auto ran = place.shunt({"check"});
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);
}

TEST_CASE("the error catalogue is the page docs/errors.md") {
  const auto page = errors_page();
  const auto file = source_folder() / "docs/errors.md";
  if (std::getenv("SHUNT_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << page;
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  CHECK(text.str() == page);
}

TEST_CASE("every adapter's page has its keys, with their defaults and no others") {
  shunt::Registry registry;
  shunt::register_adapters(registry);
  for (const auto& info : registry.all()) {
    const auto page = fmt::format("adapters/{}/{}/README.md", info.kind, info.name);
    const auto rows = table_of(page);
    for (const auto& key : info.schema.keys) {
      INFO(page, ": ", key.name);
      REQUIRE(rows.contains(key.name));
      const bool in_words = !key.required && key.fallback.is_null();  // "none", or what stands in its place
      if (in_words) CHECK(rows.at(key.name) != "required");
      if (!in_words) CHECK(rows.at(key.name) == default_of(key));
    }
    CHECK_MESSAGE(rows.size() == info.schema.keys.size(), page);
  }
}

TEST_CASE("the page of webhooks: its lines are taken, and what it shows is what is sent") {
  Place place;
  const auto page = "adapters/notify/webhook/README.md";
  auto app = place.localised(book().take("docs/getting-started.md", "services = {"));
  const auto lines = book().take(page, "notify = {");
  app.insert(app.rfind('}'), lines);
  place.folder.write("shunt.lua", app);
  const auto ran = place.shunt({"check"});
  CAPTURE(ran.output());
  CHECK(ran.code() == 0);

  const auto shown = book().take(page, "webhook-signature");
  const auto port = free_ports(1).front();
  const Receiver receiver(port);
  place.folder.write("hook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  set_up(place);
  auto told = place.folder.read("shunt.lua");
  auto here = replaced(lines, "https://hooks.example.com", fmt::format("http://127.0.0.1:{}", port));
  here = replaced(std::move(here), "\"needs_operator\"", "\"succeeded\"");
  told.insert(told.rfind('}'), here);
  place.folder.write("shunt.lua", told);
  REQUIRE(place.shunt({"deploy", "v1"}).code() == 0);
  REQUIRE(receiver.received().size() == 1);
  const auto request = receiver.received().front();
  CHECK(shown.starts_with(request.method + " " + request.path + " "));
  for (const auto* name : {"content-type", "webhook-id", "webhook-timestamp", "webhook-signature"}) {
    CHECK_FALSE(request.header(name).empty());
    CHECK(shown.find(std::string(name) + ": ") != std::string::npos);
  }
  const auto example = shunt::Value::parse(shown.substr(shown.find("\n\n")));
  const auto sent = shunt::Value::parse(request.body);
  for (const auto& [key, value] : sent.items()) CHECK(example.contains(key));
  for (const auto& [key, value] : sent["data"].items()) CHECK(example["data"].contains(key));
}

TEST_CASE("the page of operations: what it tells to type is there") {
  Place place;
  set_up(place);
  REQUIRE(place.shunt({"deploy", "v1"}).code() == 0);
  const auto page = "docs/operations.md";
  for (const auto& block : {book().take(page, "shunt show "), book().take(page, "shunt repair --accept")})
    for (const auto& words : commands_in(block)) {
      const auto ran = place.shunt(words);
      CAPTURE(ran.output());
      CHECK(ran.code() == 0);
    }
  for (const auto* block : {"shunt resume", "df -h"})
    for (const auto& words : commands_in(book().take(page, block))) {
      const auto ran = place.shunt(words);
      CAPTURE(ran.output());
      CHECK(ran.code() == (words.front() == "resume" ? 5 : 0));
    }
}

TEST_CASE("the page of reliability: what it tells to run is there") {
  const std::filesystem::path build = SHUNT_BUILD;
  for (const auto* name : {"crash_boundaries_test", "simulate_bundled_test", "crash_killed_test", "e2e_race_test",
                           "store_test", "crash_planted_test"}) {
    std::istringstream lines(book().take("docs/reliability.md", name));
    for (std::string line; std::getline(lines, line);) {
      const auto program = build / line.substr(line.find("build/dev/") + std::string("build/dev/").size());
      INFO(line);
      const auto listed = run({{program.string(), "-ltc"}});
      CHECK(listed.code() == 0);
    }
  }
}
