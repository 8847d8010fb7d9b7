#include <doctest/doctest.h>

#include <algorithm>

#include "adapters/proxy/caddy/routes.hpp"
#include "adapters/proxy/caddy/share_file.hpp"
#include "harness/folder.hpp"
#include "harness/program.hpp"

using namespace shunt;
using namespace shunt::caddy;

namespace {

const Addresses addresses({"127.0.0.1:3000"}, {"127.0.0.1:3001"});

/// What Caddy makes of the routes.
Value adapted(const harness::TemporaryFolder& folder, const Steps& steps) {
  folder.write("web.caddy", text_of(steps, folder.path(), "web"));
  folder.write("Caddyfile", "http://127.0.0.1:1 {\nimport " + folder.path().string() + "/web.cadd?\n}\n");
  const auto ran = harness::run({{"caddy", "adapt", "--config", (folder / "Caddyfile").string()}});
  INFO(ran.output());
  REQUIRE(ran.code() == 0);
  return Value::parse(ran.out);
}

}  // namespace

TEST_CASE("Caddy reads the routes as they were meant, by every policy and number of servers") {
  const harness::TemporaryFolder folder;
  const Addresses more({"127.0.0.1:3000", "[::1]:3000"}, {"web-1:80", "web-2:80", "web-3:80"});
  for (const char* policy : {"random", "cookie", "ip_hash"})
    for (const auto& at : {addresses, more, Addresses({}, {"127.0.0.1:3001"}), Addresses({"127.0.0.1:3000"}, {})}) {
      const auto steps = steps_for(at, policy, "web");
      const auto found = steps_in(adapted(folder, steps), folder.path(), "web");
      REQUIRE(found.size() == 1);
      CHECK(found.front() == steps);
      CHECK(addresses_in(found.front()) == at);
      CHECK(steps_in(adapted(folder, steps), folder.path(), "we").empty());
      CHECK(steps_in(adapted(folder, steps), "/elsewhere", "web").empty());
    }
}

TEST_CASE("each share has a route with its parts, and what is not known is blue's") {
  const auto steps = steps_for(addresses, "random", "web");
  CHECK(steps.size() == 23);
  for (int share = 0; share <= 100; share += 5) {
    const auto* step = step_for(steps, std::to_string(share));
    REQUIRE(step != nullptr);
    CHECK(count(step->dials, addresses).shares() == Weights(100 - share, share));
  }
  CHECK(step_for(steps, "nobody")->dials.empty());
  CHECK(step_for(steps, "")->dials == addresses.blue);
  CHECK(step_for(steps, "7") == step_for(steps, ""));
  CHECK(step_for({}, "5") == nullptr);
}

TEST_CASE("a configuration that is none of ours has no routes") {
  for (
      const char* text :
      {"null", "7", "[[[]]]", R"([{"match":[{"file":{"root":"/f","try_files":[7]}}],"handle":[]}])",
       R"([{"match":[{"file":{"root":"/f","try_files":["/web.7"]}}],"handle":[{"handler":"reverse_proxy"}]}])",
       R"([{"match":[{"file":{"root":"/f","try_files":["/web.5"]},"host":["a"]}],"handle":[{"handler":"reverse_proxy"}]}])",
       R"([{"match":[{"file":{"root":"/f","try_files":["/web.5"]}}],"handle":[{"handler":"static_response"}]}])",
       R"([{"match":[{"file":{"try_files":["/web.5"]}}],"handle":[{"handler":"reverse_proxy"}]}])"})
    CHECK(steps_in(Value::parse(text), "/f", "web").empty());
  Value deep = Value::array();
  for (int i = 0; i < 5'000; ++i) deep = Value::array({std::move(deep)});
  CHECK(steps_in(deep, "/f", "web").empty());
}

TEST_CASE("the file is called after the nearest share, and nobody who has a weight is left out") {
  CHECK(share_name(Weights(100, 0)) == "0");
  CHECK(share_name(Weights(0, 100)) == "100");
  CHECK(share_name(Weights(93, 7)) == "5");
  CHECK(share_name(Weights(92, 8)) == "10");
  CHECK(share_name(Weights(99, 1)) == "5");
  CHECK(share_name(Weights(1, 99)) == "95");
  CHECK(share_name(Weights(100, 100)) == "50");
  CHECK(share_name(Weights(0, 0)) == "nobody");
}

TEST_CASE("what is told is read back, there is one file at any time, and a name by hand wins over what it says") {
  const harness::TemporaryFolder folder;
  CHECK(read_told(folder.path(), "web")->share.empty());
  CHECK(read_told(folder.path(), "web")->weights == Weights(100, 0));
  for (const auto& weights : {Weights(100, 0), Weights(100, 50), Weights(97, 3), Weights(99, 1), Weights(0, 100),
                              Weights(0, 50), Weights(0, 0), Weights(50, 50)}) {
    REQUIRE(tell(folder.path(), "web", weights));
    const auto told = read_told(folder.path(), "web");
    REQUIRE(told);
    CHECK(told->weights == weights);
    CHECK(told->share == share_name(weights));
    CHECK(told->shares.size() == 1);
  }
  std::filesystem::rename(folder / "web.50", folder / "web.95");
  CHECK(read_told(folder.path(), "web")->weights == Weights(5, 95));
  for (const char* text : {"", "x", "-5 95", "1", "500 9500"}) {
    folder.write("web.95", text);
    CHECK(read_told(folder.path(), "web")->weights == Weights(5, 95));
  }
  folder.write("web.100", "");
  folder.write("web.7", "");
  folder.write("web2.0", "");
  CHECK(read_told(folder.path(), "web")->share == "100");
  REQUIRE(tell(folder.path(), "web", Weights(95, 5)));
  CHECK(read_told(folder.path(), "web")->shares == std::set<std::string>{"5"});
  CHECK(std::filesystem::exists(folder / "web2.0"));
}

TEST_CASE("a folder that is missing has no file, and nothing can be told there") {
  const harness::TemporaryFolder folder;
  CHECK(read_told(folder / "no", "web")->share.empty());
  const auto told = tell(folder / "no", "web", Weights(0, 100));
  REQUIRE_FALSE(told);
  CHECK(told.error().code == "SH1508");
}
