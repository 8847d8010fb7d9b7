#include "adapters/proxy/nginx/upstream_file.hpp"

#include <doctest/doctest.h>

namespace shunt::nginx {

namespace {

UpstreamFile good(std::string_view text) {
  auto file = parse_upstreams(text);
  if (!file) FAIL(file.error().message);
  return *file;
}

std::string refusal(std::string_view text) {
  const auto file = parse_upstreams(text);
  if (file) return "";
  CHECK(file.error().code == "SH1508");
  CHECK(file.error().kind == Kind::config);
  CHECK_FALSE(file.error().remedy.empty());
  return file.error().message;
}

TEST_CASE("an upstream is read with its servers, other lines and notes") {
  const auto file = good(
      "# a comment; with { braces\n"
      "upstream shop {\n"
      "  # shunt weights 100 50\n"
      "  # not one of ours\n"
      "  least_conn;\n"
      "  server 127.0.0.1:3000 weight=2 max_fails=0;# shunt blue 127.0.0.1:3000\r\n"
      "  server \"127.0.0.1:3001\" down backup max_conns='10';\n"
      "  keepalive 32;\n"
      "}\n");
  const auto* shop = file.upstream("shop");
  REQUIRE(shop != nullptr);
  REQUIRE(shop->servers.size() == 2);
  CHECK(shop->servers[0] == Server{"127.0.0.1:3000", 2, false, false, "max_fails=0"});
  CHECK(shop->servers[1] == Server{"127.0.0.1:3001", 1, true, true, "max_conns='10'"});
  CHECK(shop->lines == std::vector<std::string>{"least_conn;", "keepalive 32;"});
  CHECK(shop->notes == std::vector<std::string>{"weights 100 50", "blue 127.0.0.1:3000"});
  CHECK(file.upstream("sho") == nullptr);
}

TEST_CASE("words are those of nginx") {
  const auto file = good(
      "map $a $shunt_shop { default ''; \"~^/x;{}\" 'it\\'s'; }\n"
      "split_clients \"${remote_addr}AAA\" $shunt7_shop { 7% a; * b; }\n"
      "server { location ~ ^/a\\{2\\}$ { return 200 ${uri}; } }\n"
      "upstream two\\ words { server a\\;b; k { nested yes; } }\n"
      "include conf.d/*.conf;upstream{}\n");
  CHECK(file.has_variable("$shunt_shop"));
  CHECK(file.has_variable("$shunt7_shop"));
  CHECK_FALSE(file.has_variable("$shunt8_shop"));
  REQUIRE(file.upstreams.size() == 1);
  CHECK(file.upstreams[0].name == "two\\ words");
  CHECK(file.upstreams[0].servers[0].address == "a\\;b");
  CHECK(file.upstreams[0].lines == std::vector<std::string>{"k { nested yes; }"});
}

TEST_CASE("what nginx would not read is refused, with its line") {
  CHECK(refusal("upstream shop {\n  server 127.0.0.1:1\n}\n") == "line 2: a directive does not end with a semicolon");
  CHECK(refusal("\n\nupstream shop {\n") == "line 4: a block is not closed");
  CHECK(refusal("a b;\n}\n") == "line 2: a closing brace has no block");
  CHECK(refusal("a 'b;\n\n") == "line 1: a quote is not closed");
  CHECK(refusal("a \"b\\") == "line 1: a quote is not closed");
  CHECK(refusal("a \"b\"c;") == "line 1: something follows a closing quote");
  CHECK(refusal("a b") == "line 1: a directive does not end with a semicolon");
  CHECK(refusal("a b;;") == "line 1: a directive has no name");
  CHECK(refusal("upstream shop { server; }") == "line 1: a server has no address");
  CHECK(refusal(std::string_view("a b;\n\0", 6)) == "line 2: there is a NUL");
  for (const char* weight : {"0", "-1", "x", "", "2x", "99999999999999999999"})
    CHECK(refusal(std::string("upstream shop { server a weight=") + weight + "; }") ==
          "line 1: a server's weight is no number above 0");
}

TEST_CASE("a server's word that is one only by quotes is refused: it would be written without") {
  for (const char* word : {"'a; } evil {'", "\"a b\"", "a\\ b", "'a\nb'", "'#a'", "\"'a\"", "''"}) {
    CHECK(refusal(std::string("upstream shop { server ") + word + "; }").find("only by quotes") != std::string::npos);
    CHECK(refusal(std::string("upstream shop { server a:1 ") + word + "; }").find("only by quotes") !=
          std::string::npos);
  }
  CHECK(good("upstream shop { server 'a:1' \"max_fails=0\"; }").upstreams[0].servers[0] ==
        Server{"a:1", 1, false, false, "max_fails=0"});
}

TEST_CASE("notes stand between the directives of an upstream") {
  const auto file = good("upstream shop { # shunt a\n server # shunt b\n x; k { # shunt c\n } # shunt d\n }");
  CHECK(file.upstreams[0].notes == std::vector<std::string>{"a", "d"});
}

TEST_CASE("what is too big or too deep is refused") {
  CHECK(refusal(std::string(5 << 20, ' ')).find("4 MiB") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a {";
  CHECK(refusal(deep) == "line 1: blocks are nested too deeply");
  CHECK(refusal("upstream shop {" + deep) == "line 1: blocks are nested too deeply");
}

TEST_CASE("every beginning of a file is read or refused") {
  const std::string text =
      "upstream \"s\\\"p\" { # shunt blue a\n server a:1 weight=3 'x' down; k { l ${m}; } }\nmap $a $b { \\{ '}'; }\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto file = parse_upstreams(std::string_view(text).substr(0, size));
    if (!file) CHECK(file.error().message.starts_with("line "));
  }
}

TEST_CASE("only the service's own blocks are replaced, every other byte stays") {
  const std::string text =
      "# mine\nupstream other { server a; }\n\nupstream shop_blue { server b; }\n"
      "map $x $shunt_shop { default a; }\nsplit_clients $y $shunt12_shop { * a; }\nmap $x $shunt_shop_1 { default z; "
      "}\n"
      "map $x $shunt1_shop_1 { default z; }\nupstream shop_red { server c; }\nupstream shop { server d; } # tail";
  CHECK(with_section(text, good(text), "shop", "NEW\n") ==
        "# mine\nupstream other { server a; }\n\nNEW\nmap $x $shunt_shop_1 { default z; }\n"
        "map $x $shunt1_shop_1 { default z; }\nupstream shop_red { server c; }\n # tail");
}

TEST_CASE("where there is none of them, the section is appended") {
  CHECK(with_section("", UpstreamFile(), "shop", "NEW\n") == "NEW\n");
  CHECK(with_section("a b;", good("a b;"), "shop", "NEW\n") == "a b;\nNEW\n");
  const std::string first = "upstream shop { server d; }\na b;\n";
  CHECK(with_section(first, good(first), "shop", "NEW\n") == "NEW\na b;\n");
}

}  // namespace

}  // namespace shunt::nginx
