// Whatever is wrong with what people write: a clear error with file and line, never a crash, never a hang.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;

namespace {

std::string strategy(const std::string& body) {
  return "return {\n  api = 1,\n  summary = \"bad\",\n  run = function(deploy)\n" + body + "\n  end,\n}\n";
}

}  // namespace

TEST_CASE("what is wrong with an app file is found in LOAD: 2, with file and line") {
  Site site;
  const std::string good = site.folder.read("shunt.lua");
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = good;
    text.replace(text.find(from), from.size(), to);
    site.write_app(text);
    return site.shunt({"check"});
  };
  SUBCASE("unknown key, with the right one") {
    const auto ended = with("drain =", "drian =");
    CHECK(ended.code == 2);
    CHECK(ended.text().find("drain") != std::string::npos);
    CHECK(ended.text().find("shunt.lua:") != std::string::npos);
  }
  SUBCASE("wrong type") {
    const auto ended = with("drain = \"2s\"", "drain = true");
    CHECK(ended.code == 2);
    CHECK(ended.text().find("SH1002") != std::string::npos);
  }
  SUBCASE("syntax error") {
    const auto ended = with("return {", "return {{{");
    CHECK(ended.code == 2);
    CHECK(ended.text().find("shunt.lua:") != std::string::npos);
  }
  SUBCASE("undeclared global") {
    const auto ended = with("app = \"shop\"", "app = shopname");
    CHECK(ended.code == 2);
    CHECK(ended.text().find("shopname") != std::string::npos);
  }
  SUBCASE("infinite loop") {
    site.write_app("while true do end\nreturn {}\n");
    const auto ended = site.shunt({"check"});
    CHECK(ended.code == 2);
  }
  SUBCASE("memory bomb") {
    site.write_app("local t = {}\nfor i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end\nreturn t\n");
    const auto ended = site.shunt({"check"});
    CHECK(ended.code == 2);
  }
  SUBCASE("bytecode") {
    site.write_app(std::string("\x1bLua\x54\x00\x19\x93\r\n\x1a\n", 12));
    const auto ended = site.shunt({"check"});
    CHECK(ended.code == 2);
  }
  SUBCASE("a part that comes later is refused, not ignored") {
    const auto ended = with("app = \"shop\"", "app = \"shop\", migrations = { tool = \"dbmate\" }");
    CHECK(ended.code == 2);
    CHECK(ended.text().find("not available yet") != std::string::npos);
  }
  SUBCASE("no file") {
    std::filesystem::remove(site.app_file());
    CHECK(site.shunt({"check"}).code == 2);
  }
}

TEST_CASE("what goes wrong in RUN rolls back: 1, with the author's line") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto run = [&](const std::string& body) {
    site.folder.write("bad.lua", strategy(body));
    return site.shunt({"deploy", "v2", "--strategy", "bad.lua"});
  };
  SUBCASE("an error") {
    const auto ended = run("    error(\"no luck\")");
    CHECK(ended.code == 1);
    CHECK(ended.text().find("no luck") != std::string::npos);
    CHECK(ended.text().find("bad.lua:5") != std::string::npos);
  }
  SUBCASE("a nil value is said in words") {
    const auto ended = run("    local nothing\n    nothing.field = 1");
    CHECK(ended.code == 1);
    CHECK(ended.text().find("bad.lua:6") != std::string::npos);
    CHECK(ended.text().find("nil value") == std::string::npos);
  }
  SUBCASE("an infinite loop in pcall") {
    const auto ended = run("    while true do pcall(function() while true do end end) end");
    CHECK(ended.code == 1);
    CHECK(ended.text().find("bad.lua:5") != std::string::npos);
  }
  SUBCASE("a memory bomb in pcall") {
    const auto ended = run("    while true do pcall(function() local t = {} for i = 1, 1e9 do t[i] = {} end end) end");
    CHECK(ended.code == 1);
  }
  SUBCASE("traffic before it is proven") {
    const auto ended = run("    deploy:launch()\n    deploy:shift(100)");
    CHECK(ended.code == 1);
    CHECK(ended.text().find("SH1320") != std::string::npos);
    CHECK(ended.text().find("bad.lua:6") != std::string::npos);
  }
  SUBCASE("ends with too little traffic") {
    const auto ended =
        run("    local new = deploy:launch()\n    new:await_healthy()\n    new:smoke_test()\n    deploy:shift(50)");
    CHECK(ended.code == 1);
    CHECK(ended.text().find("SH1326") != std::string::npos);
  }
  SUBCASE("retires what still serves") {
    const auto ended =
        run("    local new = deploy:launch()\n    new:await_healthy()\n    new:smoke_test()\n    deploy:shift(50)\n    "
            "deploy:retire_old()");
    CHECK(ended.code == 1);
    CHECK(ended.text().find("SH1321") != std::string::npos);
  }
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("a killed script that had its own rollback functions needs an operator") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.folder.write("bad.lua", strategy("    deploy:on_rollback(\"tidy\", function() end)\n    while true do end"));
  const auto ended = site.shunt({"deploy", "v2", "--strategy", "bad.lua"});
  CAPTURE(ended.text());
  CHECK(ended.code == 3);
  CHECK(site.serving() == "v1");
}

TEST_CASE("a script's own rollback function runs when the deployment fails") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto mark = site.folder / "mark";
  site.folder.write("own.lua", strategy("    deploy:on_rollback(\"mark\", function() exec.run({ \"touch\", \"" +
                                        mark.string() + "\" }) end)\n    error(\"no luck\")"));
  const auto ended = site.shunt({"deploy", "v2", "--strategy", "own.lua"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(std::filesystem::exists(mark));
}
