// What would hurt users is refused, whatever the script says: at its own line, and the old version goes on.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Refused {
  std::string what;
  const char* body;  ///< of `run`; its first line is the fourth of the file
  const char* code;
  int line;
  const char* head = "";
};

std::string script(const Refused& refused) {
  return std::string("return { api = 1, summary = \"bad\",\n") + refused.head + "\nrun = function(deploy)\n" +
         refused.body + "\nend }\n";
}

}  // namespace

TEST_CASE("what would hurt users is refused at the script's own line") {
  SiteOptions options;
  options.drain = "1s";
  options.health_timeout = "2s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const std::vector<Refused> all = {
      {"smoke tests not run", "local new = deploy:launch()\nnew:await_healthy()\ndeploy:shift(10)", "SH1320", 6},
      {"weights by hand, not proven", "deploy:launch()\nproxy.set { service = \"web\", blue = 50, green = 50 }",
       "SH1320", 5},
      {"nobody left", "proxy.set { service = \"web\", blue = 0, green = 0 }", "SH1301", 4},
      {"the last one out", "proxy.set { service = \"web\", blue = 0, green = 10 }", "SH1320", 4},
      {"stop what serves", "instances.stop { service = \"web\", color = \"blue\" }", "SH1321", 4},
      {"stop_old without downtime", "deploy:stop_old()", "SH1325", 4},
      {"over 100 %", "deploy:shift(101)", "SH1207", 4},
      {"no such service", "deploy:shift(10, { service = \"wbe\" })", "SH1905", 4},
      {"no such method", "deploy:shft(10)", "SH1211", 4},
      {"on purpose", "deploy:fail(\"enough\", { users = 3 })", "SH1210", 4},
      {"too little traffic at the end", "deploy:launch()", "SH1326", 0},
      {"the deploy object is read-only", "deploy.version = \"v3\"", "SH1209", 4},
      {"another coroutine's yield", "coroutine.yield(1)", "SH1206", 4},
  };
  for (const auto& refused : all) {
    INFO(refused.what);
    site.folder.write("bad.lua", script(refused));
    const auto ended = site.shunt({"deploy", "v2", "--strategy", "bad.lua"});
    CAPTURE(ended.text());
    CHECK(ended.code == 1);
    CHECK(has(ended.text(), refused.code));
    if (refused.line > 0) CHECK(has(ended.text(), "bad.lua:" + std::to_string(refused.line)));
    CHECK(site.serving() == "v1");
    CHECK(site.shops().size() == 1);
  }
  CHECK(site.status()["drift"].empty());
}

TEST_CASE("a smoke test that fails keeps the new version from the users") {
  SiteOptions options;
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  SUBCASE("by HTTP") {
    options.smoke = false;
    options.service_more = "smoke = { { path = \"/\", contains = \"Bakery\" } },";
  }
  SUBCASE("by command") {
    options.smoke = false;
    options.service_more = "smoke = { { command = { \"sh\", \"-c\", \"echo no luck at {address}; exit 3\" } } },";
  }
  site.configure(options);
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(has(ended.text(), "SH1313"));
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  CHECK(site.proxy->stat("green", "stot") == "0");
}

TEST_CASE("what is seen through the proxy is not the new version: back") {
  SiteOptions options;
  options.verify = false;
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  SUBCASE("an answer without the header counts as an error") {
    options.service_more = "verify = { url = \"" + site.url("/") +
                           "\", header = \"X-Nothing\", equals = \"{version}\", timeout = \"1s\" },";
    site.configure(options);
    const auto ended = site.shunt({"deploy", "v2"});
    CAPTURE(ended.text());
    CHECK(ended.code == 1);
    CHECK(has(ended.text(), "SH1512"));
  }
  SUBCASE("a third answer is a stranger's") {
    options.service_more = "verify = { url = \"" + site.url("/") +
                           "\", header = \"X-Version\", equals = \"{version}.1\", timeout = \"1s\" },";
    site.configure(options);
    const auto ended = site.shunt({"deploy", "v2"});
    CAPTURE(ended.text());
    CHECK(ended.code == 1);
    CHECK(has(ended.text(), "SH1513"));
  }
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  CHECK(site.status()["services"][0]["traffic"] == Json({{"blue", 100}, {"green", 0}}));
}

TEST_CASE("a proven version that was started again is not proven any more") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  site.folder.write("again.lua",
                    "return { api = 1, summary = \"starts twice\",\nrun = function(deploy)\n"
                    "local new = deploy:launch()\nnew:await_healthy()\nnew:smoke_test()\n"
                    "deploy:launch()\ndeploy:shift(100)\nend }\n");
  const auto ended = site.shunt({"deploy", "v2", "--strategy", "again.lua"});
  CAPTURE(ended.text());
  CHECK(ended.code == 1);
  CHECK(has(ended.text(), "SH1320"));
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}
