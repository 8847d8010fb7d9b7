// Strategies and included files that are wrong: found in LOAD (2), or stopped in RUN (1; 3 with rollback functions of
// their own), with file and line, within a few seconds.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string bytecode("\x1bLua\x54\x00\x19\x93\r\n\x1a\n", 12);

struct Wrong {
  std::string what;
  std::string text;
  const char* code;
  const char* where;  ///< in the message; "" when the file as a whole is meant
};

// Every one of these ends the loading of any Lua file.
std::vector<Wrong> wrong_texts() {
  return {
      {"syntax error", "local t = {\n  1, 2\nreturn t\n", "SH1101", ":3"},
      {"undeclared global", "\nreturn { name = nmae }\n", "SH1103", ":2"},
      {"a global of its own", "\nanswer = 42\nreturn {}\n", "SH1103", ":2"},
      {"an error", "\nerror(\"no luck\")\n", "SH1201", ":2"},
      {"a field of nothing", "local t\nreturn { name = t.name }\n", "SH1202", ":2"},
      {"infinite loop", "local i = 0\nwhile true do i = i + 1 end\n", "SH128", ":2"},
      {"loops in pcall", "while true do\n  pcall(function() while true do end end)\nend\n", "SH128", ":2"},
      {"recursion in xpcall", "local function f() return xpcall(f, f) end\nwhile true do f() end\n", "SH128", ""},
      {"memory bomb", "local t = {}\nfor i = 1, 1e9 do t[i] = (\"x\"):rep(1000) .. i end\nreturn t\n", "SH128", ""},
      {"memory bomb in pcall",
       "while true do\n  pcall(function() local t = {} for i = 1, 1e9 do t[i] = {} end end)\nend\n", "SH128", ""},
      {"bytecode", bytecode, "SH1104", ""},
      {"returns nothing", "local t = {}\n", "SH1105", ""},
  };
}

}  // namespace

TEST_CASE("whatever is wrong with a strategy is found in LOAD: 2, with its file and line, and soon") {
  Site site;
  auto all = wrong_texts();
  const std::string head = "return { api = 1, summary = \"s\",\n";
  all.push_back({"unknown key", head + "  optoins = {},\n  run = function() end }\n", "SH1107", ""});
  all.push_back({"another API", "return { api = 99, summary = \"s\", run = function() end }\n", "SH1106", ""});
  all.push_back({"no run", "return { api = 1, summary = \"s\" }\n", "SH1105", ""});
  all.push_back({"option of a wrong type",
                 head + "  options = { soak = { type = \"duratoin\", default = 1, doc = \"d\" } },\n"
                        "  run = function() end }\n",
                 "SH1108", ""});
  all.push_back({"an effect", "\nexec.run { \"true\" }\nreturn {}\n", "SH1109", ":2"});
  for (const auto& wrong : all) {
    INFO(wrong.what);
    site.folder.write("bad.lua", wrong.text);
    for (const auto* verb : {"deploy", "plan"}) {
      const auto began = std::chrono::steady_clock::now();
      const auto ended = site.shunt({verb, "v1", "--strategy", "bad.lua"});
      CAPTURE(ended.text());
      CHECK(std::chrono::steady_clock::now() - began < 15s);
      CHECK(ended.code == 2);
      CHECK(has(ended.text(), wrong.code));
      CHECK(has(ended.text(), std::string("bad.lua") + wrong.where));
    }
  }
  CHECK(site.shunt({"check", "bad.lua"}).code == 2);
  const auto missing = site.shunt({"deploy", "v1", "--strategy", "none.lua"});
  CHECK(missing.code == 2);
  CHECK(has(missing.text(), "SH1102"));
  CHECK(has(missing.text(), "none.lua"));
  CHECK(site.shops().empty());
  CHECK_FALSE(has(site.shunt({"history"}).out, "v1"));  // nothing was recorded
}

TEST_CASE("whatever is wrong with a file that a strategy requires, or an app file includes, names that file") {
  Site site;
  const auto app = site.folder.read("shunt.lua");
  site.folder.write("requires.lua",
                    "local part = require \"part\"\n"
                    "return { api = 1, summary = part.name, run = function() part.run() end }\n");
  for (const auto& wrong : wrong_texts()) {
    INFO(wrong.what);
    site.folder.write("part.lua", wrong.text);
    site.write_app(app);
    const auto required = site.shunt({"deploy", "v1", "--strategy", "requires.lua"});
    CAPTURE(required.text());
    CHECK(required.code == 2);
    CHECK(has(required.text(), wrong.code));
    // What returns nothing is named by who needs it.
    const std::string named = wrong.what == "returns nothing" ? "'part" : std::string("part.lua") + wrong.where;
    CHECK(has(required.text(), named));
    site.write_app("local part = include \"part.lua\"\n" + app);
    const auto included = site.shunt({"check"});
    CAPTURE(included.text());
    CHECK(included.code == 2);
    CHECK(has(included.text(), wrong.code));
    CHECK(has(included.text(), named));
  }
  site.write_app("local part = include \"none.lua\"\n" + app);
  const auto missing = site.shunt({"check"});
  CHECK(missing.code == 2);
  CHECK(has(missing.text(), "SH1102"));
  CHECK(has(missing.text(), "shunt.lua:1"));
  site.folder.write("circle.lua", "return include \"shunt.lua\"\n");
  site.write_app("local part = include \"circle.lua\"\n" + app);
  CHECK(has(site.shunt({"check"}).text(), "SH1110"));
}

TEST_CASE("what goes wrong while a required file's function runs names that file; the old version serves") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.folder.write("requires.lua",
                    "local part = require \"part\"\n"
                    "return { api = 1, summary = \"s\", run = function(deploy) deploy:launch() part(deploy) end }\n");
  const std::vector<Wrong> all = {
      {"an error", "return function()\n  error(\"no luck\")\nend\n", "SH1201", ":2"},
      {"an undeclared global", "return function()\n  local t = {}\n  t[1] = nothing.at.all\nend\n", "", ":3"},
      {"loops in pcall", "return function()\n  while true do pcall(function() while true do end end) end\nend\n",
       "SH128", ":2"},
      {"a memory bomb",
       "return function()\n  local t, s = {}, (\"x\"):rep(9999)\n  for i = 1, 1e9 do t[i] = s .. i end\nend\n",
       "SH1283", ":"},
      {"a pattern that explodes",
       "return function()\n  return ((\"a\"):rep(5000)):find((\"a-\"):rep(200) .. \"b\")\nend\n", "SH1", ":2"},
      {"a coroutine that never ends",
       "return function()\n  coroutine.wrap(function() while true do coroutine.wrap(function() end)() end "
       "end)()\nend\n",
       "SH128", ":"},
  };
  for (const auto& wrong : all) {
    INFO(wrong.what);
    site.folder.write("part.lua", wrong.text);
    const auto began = std::chrono::steady_clock::now();
    const auto ended = site.shunt({"deploy", "v2", "--strategy", "requires.lua"});
    CAPTURE(ended.text());
    CHECK(std::chrono::steady_clock::now() - began < 20s);
    CHECK((ended.code == 1 || (ended.code == 2 && wrong.code[0] == '\0')));
    CHECK(has(ended.text(), wrong.code));
    CHECK(has(ended.text(), std::string("part.lua") + wrong.where));
    CHECK(site.serving() == "v1");
    CHECK(site.shops().size() == 1);
  }
}

TEST_CASE("the rollback functions of a killed script are listed to the operator") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.folder.write("bad.lua",
                    "return { api = 1, summary = \"s\", run = function(deploy)\n"
                    "  deploy:on_rollback(\"empty the queue\", function() end)\n  deploy:launch()\n"
                    "  while true do end\nend }\n");
  const auto ended = site.shunt({"deploy", "v2", "--strategy", "bad.lua"});
  CAPTURE(ended.text());
  CHECK(ended.code == 3);
  CHECK(has(ended.text(), "script.undo"));
  CHECK(has(ended.text(), "next: shunt "));
  CHECK(has(site.shunt({"show"}).text(), "empty the queue"));
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);  // the hooks that are data were performed all the same
}
