// What doctor finds before it hurts.
#include <doctest/doctest.h>

#include <sys/stat.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

SiteOptions healthy() {
  SiteOptions options;
  options.state_file = true;
  return options;
}

}  // namespace

TEST_CASE("all is well, before the first deployment and after it") {
  Site site(healthy());
  const auto before = site.shunt({"doctor"});
  CAPTURE(before.text());
  CHECK(before.code == 0);
  CHECK(has(before.text(), "nothing was deployed yet"));
  CHECK(has(before.text(), "the proxy of web answers"));
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto after = site.shunt({"doctor"});
  CAPTURE(after.text());
  CHECK(after.code == 0);
  CHECK(has(after.text(), "blue 100 %, green 0 %"));
  CHECK(has(after.text(), "the journal of the last 1 deployments is whole"));
  CHECK(has(after.text(), "all is well"));
  CHECK_FALSE(std::filesystem::exists(site.state() / "shop" / ".clock"));
}

TEST_CASE("a proxy that is gone, that forgets, that cannot be shifted") {
  Site forgetful;
  const auto found = forgetful.shunt({"doctor"});
  CAPTURE(found.text());
  CHECK(found.code == 1);
  CHECK(has(found.text(), "forgets all weights"));
  CHECK(has(found.text(), "load-server-state-from-file"));
  forgetful.proxy->stop();
  const auto gone = forgetful.shunt({"--json", "doctor"});
  CHECK(gone.code == 1);
  CHECK(has(gone.out, "cannot reach HAProxy"));
  auto options = healthy();
  options.balance = "static-rr";
  Site rigid(options);
  CHECK(has(rigid.shunt({"doctor"}).text(), "can send all traffic or none"));
}

TEST_CASE("a state that others can read, and metrics that nobody answers") {
  auto options = healthy();
  options.more =
      "metrics = { type = \"prometheus\", url = \"http://127.0.0.1:1\" },\n"
      "gates = { { name = \"errors\", query = \"up\", max = 1 } },";
  Site site(options);
  const auto deaf = site.shunt({"doctor"});
  CAPTURE(deaf.text());
  CHECK(deaf.code == 1);
  CHECK(has(deaf.text(), "127.0.0.1:1"));
  site.configure(healthy());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  REQUIRE(::chmod((site.state() / "shop" / "state.db").c_str(), 0644) == 0);
  const auto open = site.shunt({"doctor"});
  CHECK(open.code == 1);
  CHECK(has(open.text(), "can be read by other users"));
  CHECK(has(open.text(), "chmod 600"));
}

TEST_CASE("a journal that was changed is found") {
  Site site(healthy());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto database = site.state() / "shop" / "state.db";
  const auto changed = shunt::harness::run({{"python3", "-c",
                                             "import sqlite3, sys\n"
                                             "db = sqlite3.connect(sys.argv[1])\n"
                                             "db.execute('UPDATE entry SET time = time + 1 WHERE seq = 3')\n"
                                             "db.commit()",
                                             database.string()}});
  REQUIRE(changed.code() == 0);
  const auto found = site.shunt({"doctor"});
  CAPTURE(found.text());
  CHECK(found.code == 1);
  CHECK(has(found.text(), "is damaged: entry 3 of run"));
  for (const auto& words : {std::vector<std::string>{"deploy", "v2"}, {"rollback"}, {"repair"}, {"resume"}}) {
    const auto refused = site.shunt(words);
    CAPTURE(words);
    CAPTURE(refused.text());
    CHECK(refused.code == 3);
    CHECK(has(refused.text(), "is damaged: entry 3 of run"));
    CHECK(has(refused.text(), "now: web: blue 100 % (v1), green 0 % (nothing runs)"));
  }
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}

TEST_CASE("of a store that cannot be read at all it is still said what the world shows") {
  Site site(healthy());
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  std::filesystem::resize_file(site.state() / "shop" / "state.db", 5'000);
  std::filesystem::remove(site.state() / "shop" / "state.db-wal");
  for (const auto& words : {std::vector<std::string>{"deploy", "v2"}, {"status"}}) {
    const auto refused = site.shunt(words);
    CAPTURE(words);
    CAPTURE(refused.text());
    CHECK(refused.code == 3);
    CHECK(has(refused.text(), "SH180"));
    CHECK(has(refused.text(), "v1"));
  }
  CHECK(site.serving() == "v1");
}
