// A state folder that is older than the world: nothing is touched, and it is said what the world shows.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <iterator>

#include "e2e/site.hpp"

using namespace shunt::e2e;
namespace fs = std::filesystem;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void must(Site& site, const std::vector<std::string>& words, int code = 0) {
  const auto ended = site.shunt(words);
  CAPTURE(words);
  CAPTURE(ended.text());
  REQUIRE(ended.code == code);
}

// As after a restart of the machine, whose locks are kept in memory.
void forget_locks(const Site& site) {
  for (const auto& entry : fs::directory_iterator("/run/lock/shunt")) {
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (has(text, site.state().string())) fs::remove(entry.path());
  }
}

void put_back(const fs::path& copy, const fs::path& state) {
  fs::remove_all(state);
  fs::copy(copy, state, fs::copy_options::recursive);
}

// Of the database alone, which is what a backup of it holds.
void put_database_back(const fs::path& copy, const fs::path& state) {
  for (const auto* name : {"state.db", "state.db-wal", "state.db-shm", "head"}) {
    fs::remove(state / "shop" / name);
    if (fs::exists(copy / "shop" / name)) fs::copy_file(copy / "shop" / name, state / "shop" / name);
  }
}

// Every verb that changes things refuses, and v2 serves on.
void check_refused(Site& site, const std::string& why) {
  const auto shops = site.shops();
  for (const auto& words : {std::vector<std::string>{"deploy", "v3"}, {"rollback"}, {"repair"}}) {
    const auto refused = site.shunt(words);
    CAPTURE(words);
    CAPTURE(refused.text());
    CHECK(refused.code == 3);
    CHECK(has(refused.text(), "SH1809"));
    CHECK(has(refused.text(), why));
  }
  const auto doctor = site.shunt({"doctor"});
  CAPTURE(doctor.text());
  CHECK(doctor.code == 1);
  CHECK(has(doctor.text(), why));
  CHECK(site.shops() == shops);
  CHECK(site.serving() == "v2");
}

}  // namespace

TEST_CASE("an old copy of the state folder that was put back is known by the proxy's lock file") {
  SiteOptions options;
  options.state_file = true;
  Site site(options);
  must(site, {"deploy", "v0"});
  must(site, {"deploy", "v1"});
  fs::copy(site.state(), site.folder / "old", fs::copy_options::recursive);
  must(site, {"deploy", "v2"});
  fs::copy(site.state(), site.folder / "new", fs::copy_options::recursive);
  const std::string id = site.status()["deployment"]["id"];

  put_back(site.folder / "old", site.state());
  check_refused(site, fmt::format("belongs to the run {}, of which this state folder knows nothing", id));
  put_back(site.folder / "new", site.state());
  CHECK(site.shunt({"doctor"}).code == 0);
  must(site, {"deploy", "v3"});
  CHECK(site.serving() == "v3");
}

TEST_CASE("an old database under new instances is known by their labels, until it is accepted") {
  Site site;
  must(site, {"deploy", "v0"});
  must(site, {"deploy", "v1"});
  fs::copy(site.state(), site.folder / "old", fs::copy_options::recursive);
  must(site, {"deploy", "v2"});
  put_database_back(site.folder / "old", site.state());
  forget_locks(site);
  check_refused(site, "shop-web-blue-0 (pid ");

  const auto accepted = site.shunt({"repair", "--accept"});
  CAPTURE(accepted.text());
  CHECK(accepted.code == 3);  // v2 serves, and of that nothing is recorded
  CHECK(has(accepted.text(), "SH1931"));
  must(site, {"repair"});
  CHECK(site.serving() == "v1");
  must(site, {"deploy", "v3"});
  CHECK(site.serving() == "v3");
  CHECK(site.shops().size() == 1);
  CHECK(has(site.shunt({"history"}).text(), "accept"));
}

TEST_CASE("of two copies of a state folder the one that did not go on refuses") {
  Site site;
  must(site, {"deploy", "v0"});
  must(site, {"deploy", "v1"});
  fs::copy(site.state(), site.folder / "second", fs::copy_options::recursive);
  must(site, {"deploy", "v2"});
  auto other = site.command({"deploy", "v3"});
  *(std::find(other.argv.begin(), other.argv.end(), "--state") + 1) = (site.folder / "second").string();
  const auto refused = shunt::harness::run(other);
  CAPTURE(refused.output());
  CHECK(refused.code() == 3);
  CHECK(has(refused.output(), "SH1809"));
  CHECK(has(refused.output(), (site.state() / "shop").string()));
  CHECK(site.serving() == "v2");
  must(site, {"deploy", "v3"});
}
