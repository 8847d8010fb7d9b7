// A script that does not come back: the program starts itself anew, into a rollback, and nobody comes in between.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <fstream>
#include <sstream>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using namespace std::chrono_literals;

namespace {

shunt::harness::Command stuck(const Site& site, const std::string& on_rollback = {}) {
  shunt::harness::Command command;
  command.argv = {SHUNT_STUCK_DEPLOY, shunt::harness::shunt_program().string(), site.app_file().string(),
                  site.state().string(), "v2"};
  if (!on_rollback.empty()) command.argv.push_back(on_rollback);
  command.cwd = site.folder.path();
  return command;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The lock of the app, and that of its proxy.
std::vector<std::filesystem::path> locks_of(const Site& site) {
  std::vector<std::filesystem::path> locks = {site.state() / "shop" / "lock"};
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/run/lock/shunt", none))
    if (text_of(entry.path()).find(site.state().string()) != std::string::npos) locks.push_back(entry.path());
  return locks;
}

bool can_be_taken(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool taken = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  ::close(descriptor);
  return taken;
}

}  // namespace

TEST_CASE("a script that does not come back is ended, rolled back without it, and its locks are never free") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto running = shunt::harness::Program(stuck(site));
  running.start();
  REQUIRE(eventually(20s, [&] { return locks_of(site).size() == 2 && !can_be_taken(locks_of(site)[1]); }));
  const auto locks = locks_of(site);
  bool early = false;
  const auto ended = [&] { return running.out().find("\"ended\"") != std::string::npos; };
  REQUIRE(eventually(
      40s,
      [&] {
        const bool free = can_be_taken(locks[0]) || can_be_taken(locks[1]);
        early = early || (free && !ended());
        return early || ended();
      },
      0ms));
  CHECK_FALSE(early);
  const auto exit = running.wait(20s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 1);
  CHECK(running.out().find("SH1284") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.proxy->stat("green", "weight") == "0");
  CHECK(site.shops().size() == 1);
  CHECK(site.shunt({"status"}).code == 0);
  CHECK(site.shunt({"show"}).text().find("killed") != std::string::npos);
}

TEST_CASE("what the killed script wanted to undo itself is listed for an operator") {
  Site site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  auto running = shunt::harness::Program(stuck(site, "take the banner down"));
  running.start();
  const auto exit = running.wait(40s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 3);
  CHECK(running.output().find("take the banner down") != std::string::npos);
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
}
