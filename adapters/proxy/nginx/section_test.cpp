#include "adapters/proxy/nginx/section.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace shunt::nginx {

namespace {

UpstreamFile file_of(const std::string& text) {
  const auto file = parse_upstreams(text);
  if (!file) FAIL(file.error().message);
  return *file;
}

PerColour<std::vector<Known>> known_of(int blue, int green) {
  PerColour<std::vector<Known>> known;
  for (int i = 0; i < blue; ++i) known.blue.push_back({fmt::format("b:{}", i), ""});
  for (int i = 0; i < green; ++i) known.green.push_back({fmt::format("g:{}", i), ""});
  return known;
}

Weighted written(Weights weights, PerColour<std::vector<Known>> known) {
  Weighted section;
  section.weights = weights;
  section.known = std::move(known);
  return section;
}

TEST_CASE("every weight comes back exactly, for every number of servers, and its shares are exact") {
  for (const auto& [blue, green] : {std::pair(1, 1), std::pair(2, 3), std::pair(7, 1), std::pair(1, 40)})
    for (int a = 0; a <= 100; a += 5)
      for (int b = 0; b <= 100; b += 7) {
        const auto text = write_weighted("shop", written(Weights(a, b), known_of(blue, green)));
        const auto read = read_weighted(file_of(text), "shop", Announced());
        REQUIRE(read.present);
        REQUIRE_FALSE(read.by_hand);
        REQUIRE(read.weights == Weights(a, b));
        REQUIRE(read.shares() == shares_of(a, b, 0));
        REQUIRE(read.known == known_of(blue, green));
      }
}

TEST_CASE("weights of servers are as small as they can be") {
  const auto servers = servers_for(Weights(50, 100), known_of(2, 1));
  REQUIRE(servers.size() == 3);
  CHECK(servers[0].weight == 1);
  CHECK(servers[2].weight == 4);
  CHECK(servers_for(Weights(37, 0), known_of(2, 1)).front().weight == 1);
}

TEST_CASE("a colour without weight is left out, and where there is none at all everybody is down") {
  const auto text = write_weighted("shop", written(Weights(100, 0), known_of(1, 1)));
  CHECK(text ==
        "upstream shop {\n  # written by shunt: servers are replaced, other lines of this block are kept\n"
        "  # shunt weights 100 0\n  # shunt before 0 0\n  # shunt blue b:0\n  # shunt green g:0\n"
        "  server b:0;\n}\n");
  const auto none = servers_for(Weights(0, 0), known_of(1, 1));
  REQUIRE(none.size() == 2);
  CHECK(none[0].down);
  CHECK(none[1].down);
}

TEST_CASE("what an operator added to a server or to the block is kept") {
  const auto text = write_weighted("shop", written(Weights(50, 50), known_of(1, 1)));
  auto edited = text;
  edited.replace(edited.find("server b:0;"), 11, "server b:0 max_fails=0;");
  edited.insert(edited.rfind('}'), "  keepalive 8;\n");
  auto read = read_weighted(file_of(edited), "shop", Announced());
  CHECK_FALSE(read.by_hand);
  CHECK(read.weights == Weights(50, 50));
  read.weights = Weights(0, 100);
  const auto away = write_weighted("shop", read);
  CHECK(away.find("keepalive 8;") != std::string::npos);
  auto back = read_weighted(file_of(away), "shop", Announced());
  back.weights = Weights(100, 0);
  CHECK(write_weighted("shop", back).find("server b:0 max_fails=0;\n") != std::string::npos);
}

TEST_CASE("servers that contradict the notes are believed") {
  auto text = write_weighted("shop", written(Weights(100, 0), known_of(1, 1)));
  text.insert(text.rfind('}'), "  server g:0 weight=3;\n");
  const auto read = read_weighted(file_of(text), "shop", Announced());
  CHECK(read.by_hand);
  CHECK(read.weights == Weights(25, 75));
  CHECK(read.shares() == Weights(25, 75));
  CHECK(read.before == Weights(100, 0));
}

TEST_CASE("a server's colour is the one that announces it, then the one noted; others are strangers with a share") {
  const auto file = file_of(
      "upstream shop {\n# shunt blue b:0\nserver b:0;\nserver g:0;\nserver x:0 weight=2;\nserver y:0 down;\n"
      "server z:0 backup;\n}");
  Announced announced;
  announced.addresses.green = {"g:0"};
  const auto read = read_weighted(file, "shop", announced);
  CHECK(read.by_hand);
  CHECK(read.shares() == Weights(25, 25));
  CHECK(read.strangers().size() == 3);
  announced.addresses.green = {"b:0"};
  CHECK(read_weighted(file, "shop", announced).shares() == Weights(0, 25));
  CHECK_FALSE(read_weighted(file, "other", announced).present);
}

TEST_CASE("notes that say nothing are none") {
  for (const char* note :
       {"weights 100", "weights a b", "weights 101 0", "weights -1 0", "weights 100 0 0", "weights"}) {
    const auto read =
        read_weighted(file_of(fmt::format("upstream shop {{\n# shunt {}\n# shunt blue b:0\nserver b:0;\n}}", note)),
                      "shop", Announced());
    CHECK(read.by_hand);
    CHECK(read.weights == Weights(100, 0));
  }
}

TEST_CASE("shares are whole and nobody who has one is left out") {
  CHECK(shares_of(1, 999, 0) == Weights(1, 99));
  CHECK(shares_of(999, 1, 0) == Weights(99, 1));
  CHECK(shares_of(5, 0, 0) == Weights(100, 0));
  CHECK(shares_of(0, 0, 0) == Weights(0, 0));
  CHECK(shares_of(1, 0, 999) == Weights(1, 0));
  CHECK(shares_of(999, 0, 1) == Weights(99, 0));
}

TEST_CASE("the blocks for a link are read back as they were written") {
  Linked section;
  section.servers.blue = {Server{"b:0", 1, false, false, "max_fails=0"}};
  section.lines.green = {"keepalive 8;"};
  section.first = true;
  const auto text = write_linked("shop", "$request_id", "/a \"b\\", section);
  const auto read = read_linked(file_of(text), "shop");
  CHECK(read.present);
  CHECK(read.first);
  CHECK(read.servers.blue == section.servers.blue);
  CHECK(read.servers.green.empty());
  CHECK(read.lines.green == section.lines.green);
  CHECK(text.find("  \"/a \\\"b\\\\/50\" $shunt50_shop;\n") != std::string::npos);
  CHECK(text.find("/100\" shop_green;\n") != std::string::npos);
  CHECK(text.find("split_clients \"$request_id\" $shunt7_shop { 7% shop_green; * shop_blue; }\n") != std::string::npos);
  CHECK(write_linked("shop", "$request_id", "/a \"b\\", read) == text);
}

TEST_CASE("half of the blocks for a link are none of them") {
  CHECK_FALSE(read_linked(file_of("map \"\" $shunt_shop { default \"\"; }"), "shop").present);
  CHECK_FALSE(
      read_linked(file_of("upstream shop_blue { server a; } upstream shop_green { server b; }"), "shop").present);
}

TEST_CASE("announced servers take the place of those before, with what they had") {
  Announced announced;
  announced.addresses.blue = {"b:0", "b:9"};
  const auto known =
      with_announced(PerColour<std::vector<Known>>({{"b:0", "max_fails=0"}, {"b:1", ""}}, {{"g:0", ""}}), announced);
  CHECK(known.blue == std::vector<Known>{{"b:0", "max_fails=0"}, {"b:9", ""}});
  CHECK(known.green == std::vector<Known>{{"g:0", ""}});
  const auto servers =
      with_announced(PerColour<std::vector<Server>>({Server{"b:0", 5, true, false, "max_fails=0"}}, {}), announced);
  CHECK(servers.blue.front() == Server{"b:0", 1, false, false, "max_fails=0"});
}

TEST_CASE("where addresses are found at run time, shunt's own servers are stale as soon as they are no instances") {
  Weighted section;
  section.known = {{{"b:0", "max_fails=0"}, {"b:1", ""}}, {{"g:0", ""}}};
  section.weights = Weights(100, 0);
  const auto file = file_of(write_weighted("shop", section));
  Announced announced;
  announced.found = true;
  announced.addresses = {{"b:0", "b:1"}, {"g:7"}};  // green has no weight
  auto read = read_weighted(file, "shop", announced);
  CHECK_FALSE(read.stale);
  CHECK(read.shares() == Weights(100, 0));
  CHECK(with_announced(read.known, announced, Weights(100, 0)) == section.known);

  announced.addresses = {{"b:0", "b:8"}, {"b:1"}};  // what was blue's is green's now, and blue's new one is elsewhere
  read = read_weighted(file, "shop", announced);
  CHECK(read.stale);
  CHECK_FALSE(read.by_hand);
  CHECK(read.weights == Weights(100, 0));
  CHECK(read.shares() == Weights(50, 50));
  const auto wanted = with_announced(read.known, announced, Weights(100, 0));
  CHECK(wanted.blue == std::vector<Known>{{"b:0", "max_fails=0"}, {"b:8", ""}});

  announced.addresses = {};
  read = read_weighted(file, "shop", announced);
  CHECK(read.stale);
  CHECK(read.shares() == Weights(0, 0));
  read.known = with_announced(read.known, announced, Weights(100, 0));
  const auto nobody = file_of(write_weighted("shop", read));
  CHECK(nobody.upstream("shop")->servers == std::vector<Server>{{"127.0.0.1:9", 1, true}});
  CHECK_FALSE(read_weighted(nobody, "shop", announced).stale);
  CHECK(read_weighted(nobody, "shop", announced).weights == Weights(100, 0));
  CHECK(read_weighted(nobody, "shop", announced).strangers().empty());
}

}  // namespace

}  // namespace shunt::nginx
