// Clients that a cookie keeps on one version.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;

namespace {

/// A user with a browser: keeps the cookie that it is given, and asks again and again.
class User {
 public:
  explicit User(const Site& site) : site_(site), thread_([this] { browse(); }) {}
  ~User() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  /// What was answered, in order, without repetitions; "" for an error.
  std::vector<std::string> stop() {
    stop_ = true;
    thread_.join();
    return seen_;
  }

 private:
  void browse() {
    std::string cookie;
    while (!stop_) {
      const auto answer = shunt::harness::http_get(site_.url(), {{"Cookie", cookie}});
      if (const auto given = answer.header("set-cookie"); !given.empty()) cookie = given.substr(0, given.find(';'));
      const auto version = answer.status == 200 ? answer.header("x-version") : "";
      if (seen_.empty() || seen_.back() != version) seen_.push_back(version);
      std::this_thread::sleep_for(20ms);
    }
  }

  const Site& site_;
  std::atomic<bool> stop_ = false;
  std::vector<std::string> seen_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a client that a cookie keeps on the old version stays there until the end of the drain, then moves, once") {
  SiteOptions options;
  options.cookies = true;
  options.state_file = true;
  options.drain = "2s";
  Site site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  User user(site);
  std::this_thread::sleep_for(300ms);
  const auto deployed = site.shunt({"--json", "deploy", "v2"});
  CAPTURE(deployed.text());
  CHECK(deployed.code == 0);
  std::this_thread::sleep_for(300ms);
  CHECK(user.stop() == std::vector<std::string>{"v1", "v2"});
  CHECK(site.proxy->stat("blue", "status") == "MAINT");

  const auto back = site.shunt({"rollback"});
  CAPTURE(back.text());
  CHECK(back.code == 0);
  CHECK(site.serving() == "v1");
  CHECK(site.proxy->stat("blue", "status").starts_with("UP"));
  CHECK(site.status()["drift"].empty());
}
