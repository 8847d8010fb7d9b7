// A story that tests share: the proxy's runtime socket fails in the middle of the switch: users are answered by a
// proven version all the time, the exit code is 1 or 3, and the command that is named goes on from there.
#pragma once

#include <doctest/doctest.h>
#include <atomic>
#include <thread>

#include "e2e/between.hpp"
#include "e2e/site.hpp"

namespace shunt::e2e {

using shunt::harness::eventually;
using shunt::harness::http_get;
using namespace std::chrono_literals;

/// A user who asks again and again, and remembers what went wrong.
class User {
 public:
  explicit User(std::string url) : url_(std::move(url)), thread_([this] { ask(); }) {}
  ~User() { leave(); }
  User(const User&) = delete;
  User& operator=(const User&) = delete;

  void leave() {
    leaving_ = true;
    if (thread_.joinable()) thread_.join();
  }

  int asked = 0;
  int failed = 0;

 private:
  void ask() {
    while (!leaving_) {
      ++asked;
      if (http_get(url_).status != 200) ++failed;
      std::this_thread::sleep_for(2ms);
    }
  }

  std::string url_;
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

struct Relayed {
  Site site;
  Between between{site.folder / "between.sock", site.proxy->socket()};

  explicit Relayed(SiteOptions options = {}) {
    options.socket = site.folder / "between.sock";
    options.proxy_more = "timeout = \"500ms\",";
    options.more = "rollback = { timeout = \"1s\" },";
    options.drain = "1s";
    site.configure(options);
  }
};

// "next: shunt ... resume ID": the command without its program.
inline std::string next_command(const std::string& text) {
  const auto at = text.find("next: shunt ");
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

inline void check_story(Fault fault, const char* name) {
  INFO(name);
  Relayed relayed;
  auto& site = relayed.site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  User user(site.url());
  relayed.between.fail_with(fault);
  const auto ended = site.shunt({"deploy", "v2"});
  CAPTURE(ended.text());
  CHECK(relayed.between.has_struck());
  CHECK((ended.code == 1 || ended.code == 3));
  const auto serving = site.serving();
  CHECK((serving == "v1" || serving == "v2"));
  if (ended.code == 3) {
    CHECK(next_command(ended.text()).find(" resume") != std::string::npos);
    CHECK(ended.text().find("now: ") != std::string::npos);
    CHECK(site.shunt({"deploy", "v3"}).code == 3);  // not before that is settled
  }
  relayed.between.heal();
  if (ended.code == 3) {
    const auto resumed = site.shunt({"resume"});
    CAPTURE(resumed.text());
    CHECK(resumed.code == 1);
  }
  CHECK(site.serving() == "v1");
  CHECK(site.shops().size() == 1);
  const auto status = site.status();
  CHECK(status["drift"].empty());
  CHECK(status["live"]["version"] == "v1");
  const auto again = site.shunt({"deploy", "v4"});
  CAPTURE(again.text());
  CHECK(again.code == 0);
  CHECK(site.serving() == "v4");
  user.leave();
  CHECK(user.asked > 100);
  CHECK(user.failed == 0);
}

}  // namespace shunt::e2e
