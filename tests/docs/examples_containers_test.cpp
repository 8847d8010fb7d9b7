// Do the examples with containers do what their pages say? Each is copied, given free ports, and run with an engine of
// its own.
#include <doctest/doctest.h>

#include "docs/book.hpp"
#include "docs/example.hpp"

using namespace shunt::docs;
using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

/// An engine, and what finds it. It comes before everything that the example starts.
struct Engine {
  TemporaryFolder folder;
  Docker docker{folder};

  void lend(Example& example) const {
    example.environment = docker.environment();
    example.limit = 180s;
  }
};

void give_program(const Example& example, const char* where) {
  std::filesystem::copy_file(shop_static_program(), example.folder / where);
}

}  // namespace

TEST_CASE("08: one service in Docker") {
  const Engine engine;
  Example example("08-docker", {3000, 3001, 8080});
  engine.lend(example);
  give_program(example, "image/shop");
  example.start_haproxy();
  example.follow("shunt deploy v1");
  CHECK(example.serving(8080) == "v1");
  CHECK(engine.docker.inspect("shop-web-blue-0", "{{.Config.Image}}") == "shop:v1");
}

TEST_CASE("09: five services in Compose") {
  const Engine engine;
  Example example("09-compose",
                  {3101, 3102, 3103, 3104, 3105, 3201, 3202, 3203, 3204, 3205, 8081, 8082, 8083, 8084, 8085, 2019});
  engine.lend(example);
  const auto routes = (example.folder / "routes").string();
  example.everywhere("/var/lib/shunt-caddy", routes);
  example.everywhere("\"Caddyfile\"", "\"" + (example.folder / "Caddyfile").string() + "\"");
  give_program(example, "service/shop");
  const auto start = book().take(example.page(), "caddy run");
  std::filesystem::create_directories(routes);
  for (auto command : commands_in(start, "docker")) {
    command.insert(command.begin(), "docker");
    const auto ran = example.run_here(command);
    CAPTURE(ran.output());
    REQUIRE(ran.code() == 0);
  }
  auto words = commands_in(start, "caddy").front();
  words.insert(words.begin(), "caddy");
  Command command{words};
  command.cwd = example.folder.path();
  command.env = {{"HOME", example.folder.path().string()}, {"XDG_DATA_HOME", ""}, {"XDG_CONFIG_HOME", ""}};
  Program caddy(command);
  caddy.start();
  REQUIRE(eventually(10s, [&] { return http_get(example.port(2019), "/config/").status == 200; }));
  example.follow("shunt deploy v1");
  for (const int port : {8081, 8082, 8083, 8084, 8085}) CHECK(example.serving(port) == "v1");
  CHECK(engine.docker.docker({"ps", "-q", "--filter", "label=shunt.color=green"}).empty());
  CHECK_FALSE(engine.docker.docker({"ps", "-q", "--filter", "label=com.docker.compose.project=tale-shared"}).empty());
}
