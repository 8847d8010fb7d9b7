// A proxy that is restarted, reloaded or edited by hand before, during and after a deployment, under load.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <functional>

#include "e2e/caddy_site.hpp"
#include "e2e/nginx_site.hpp"

using namespace shunt::e2e;
using shunt::harness::eventually;
using shunt::harness::Load;
using namespace std::chrono_literals;

namespace {

constexpr const char* soaking = "soak = \"5s\", hold = \"1h\"";

/// What comes of the shares when somebody touches the proxy.
enum class Fate {
  kept,
  forgotten,  ///< and the proxy's start tells that it was restarted
  edited,     ///< nobody can tell that from another operator's intention
};

struct Touch {
  std::string name;
  std::function<void()> act;
  Fate fate = Fate::kept;
  bool closes = false;  ///< nobody listens for a moment
};

/// A site behind any proxy.
struct Place {
  std::string name;
  Desk& desk;
  std::string url;
  std::function<std::string()> serving;
  bool resets = false;  ///< a change of its configuration resets connections that nobody has accepted yet
};

bool serves(const Place& place, const std::string& version) {
  return eventually(20s, [&] {
    for (int i = 0; i < 20; ++i)
      if (place.serving() != version) return false;
    return true;
  });
}

void must(const Place& place, const std::vector<std::string>& words, int code) {
  const auto ended = place.desk.shunt(words);
  CAPTURE(words);
  CAPTURE(ended.text());
  REQUIRE(ended.code == code);
}

void touch_during(const Place& place, const Touch& touch) {
  auto running = place.desk.start({"deploy", "v2"});
  REQUIRE(serves(place, "v2"));
  REQUIRE(place.desk.soaks());
  touch.act();
  if (touch.fate == Fate::edited) {
    REQUIRE(eventually(20s, [&] { return place.desk.status()["deployment"]["state"] == "waiting"; }));
    must(place, {"approve"}, 0);
  }
  const auto exit = running.wait(60s);
  CAPTURE(running.output());
  REQUIRE(exit);
  CHECK(exit->code == 0);
  CHECK(serves(place, "v2"));
  must(place, {"status"}, 0);
}

// What is left after one deployment is what the next one finds.
void touch_after(const Place& place, const Touch& touch) {
  touch.act();
  if (touch.fate != Fate::kept) {
    must(place, {"status"}, 1);
    must(place, {"deploy", "v3"}, 3);
    must(place, {"repair"}, 0);
  }
  must(place, {"status"}, 0);
  CHECK(serves(place, "v2"));
  must(place, {"deploy", "v3", "--set", "soak=0s"}, 0);
  CHECK(serves(place, "v3"));
}

// The machine lost its power: nobody runs, and the proxy has only what it keeps.
void lose_everything(const Place& place, const Touch& touch) {
  place.desk.crash_instances();
  touch.act();
  must(place, {"status"}, 1);
  must(place, {"repair"}, 0);
  CHECK(serves(place, "v3"));
  must(place, {"status"}, 0);
}

void tell(const Place& place, const Touch& touch) {
  INFO(place.name << ", " << touch.name);
  must(place, {"deploy", "v1", "--set", "soak=0s"}, 0);
  auto users = Load::hey(place.url, 8, 120s);
  if (touch.fate != Fate::edited) touch.act();  // back to blue, which is where everything is
  touch_during(place, touch);
  touch_after(place, touch);
  const auto seen = users.stop();
  MESSAGE(place.name, ", ", touch.name, " before, during and after: ", seen.text());
  CHECK(seen.requests > 500);
  if (!touch.closes) CHECK(seen.failed() == (place.resets ? seen.socket_errors.read : 0));
  if (!touch.closes) CHECK(seen.socket_errors.read <= 8);
  if (touch.closes) lose_everything(place, touch);
}

void behind_haproxy(bool keeps, const std::string& name) {
  SiteOptions options;
  options.options = soaking;
  options.drain = "300ms";
  options.state_file = keeps;
  options.configured_blue = 100;
  Site site(options);
  const Place place{keeps ? "HAProxy with a state file" : "HAProxy", site, site.url(), [&] { return site.serving(); }};
  const auto fate = keeps ? Fate::kept : Fate::forgotten;
  if (name == "restart") tell(place, {name, [&] { site.proxy->restart(); }, fate, true});
  if (name == "reload") tell(place, {name, [&] { site.proxy->reload(); }, fate});
  if (name == "edit") tell(place, {name, [&] { site.proxy->command("set weight shop/blue 50"); }, Fate::edited});
}

void behind_nginx(bool by_link, const std::string& name) {
  NginxSiteOptions options;
  options.by_link = by_link;
  options.options = soaking;
  NginxSite site(options);
  const Place place{by_link ? "nginx by a link" : "nginx by reloads", site, site.url(), [&] { return site.serving(); }};
  if (name == "restart") tell(place, {name, [&] { site.nginx->restart(); }, Fate::kept, true});
  if (name == "reload") tell(place, {name, [&] { site.nginx->reload(); }, Fate::kept});
  if (name == "edit") tell(place, {name, [&] { site.send_by_hand(50); }, Fate::edited});
}

void behind_caddy(bool by_file, bool resume, const std::string& name) {
  CaddySiteOptions options;
  options.by_file = by_file;
  options.resume = resume;
  options.options = soaking;
  CaddySite site(options);
  const Place place{fmt::format("Caddy by {}{}", by_file ? "a file" : "its API", resume ? " with --resume" : ""), site,
                    site.url(), [&] { return site.serving(); }, !by_file || name == "reload"};
  const bool keeps = by_file || resume;
  if (name == "restart")
    tell(place, {name, [&] { site.caddy->restart(); }, keeps ? Fate::kept : Fate::forgotten, true});
  if (name == "reload") tell(place, {name, [&] { site.caddy->reload(); }, by_file ? Fate::kept : Fate::edited});
  if (name == "edit") tell(place, {name, [&] { site.send_by_hand(50); }, Fate::edited});
}

const std::vector<std::string> touches = {"restart", "reload", "edit"};

}  // namespace

TEST_CASE("HAProxy touched before, during and after a deployment") {
  for (const bool keeps : {false, true})
    for (const auto& name : touches) behind_haproxy(keeps, name);
}

TEST_CASE("nginx touched before, during and after a deployment") {
  for (const bool by_link : {true, false})
    for (const auto& name : touches) behind_nginx(by_link, name);
}

TEST_CASE("Caddy touched before, during and after a deployment") {
  for (const auto& name : touches) {
    behind_caddy(true, false, name);
    behind_caddy(false, false, name);
  }
  behind_caddy(false, true, "restart");
}
