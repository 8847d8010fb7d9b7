// What doctor finds about nginx and Caddy before it hurts.
#include <doctest/doctest.h>

#include <unistd.h>

#include <fstream>

#include "e2e/caddy_site.hpp"
#include "e2e/nginx_site.hpp"

using namespace shunt::e2e;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void replace_in(const shunt::harness::TemporaryFolder& folder, const std::string& file, const std::string& from,
                const std::string& to) {
  auto text = folder.read(file);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  folder.write(file, text.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("an nginx that is switched by a link and has all that this needs is well") {
  NginxSite site;
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto found = site.shunt({"doctor"});
  CAPTURE(found.text());
  CHECK(found.code == 0);
  CHECK(has(found.text(), "nginx's workers may follow " + site.nginx->link().string()));
  CHECK(has(found.text(), "nginx 1."));
  CHECK(has(found.text(), "takes its configuration"));
  CHECK(has(found.text(), "nginx includes " + site.nginx->include_file().string()));
  CHECK(has(found.text(), "all is well"));
}

TEST_CASE("an nginx that is reloaded for each switch, does not include the file, or refuses its configuration") {
  NginxSiteOptions options;
  options.by_link = false;
  NginxSite site(options);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto costly = site.shunt({"doctor"});
  CAPTURE(costly.text());
  CHECK(costly.code == 1);
  CHECK(has(costly.text(), "each switch reloads nginx"));
  CHECK_FALSE(has(costly.text(), "may follow"));
  const auto file = site.nginx->include_file().string();
  replace_in(site.folder, "nginx/nginx.conf", "include " + file + ";", site.folder.read("nginx/upstream.conf"));
  const auto lonely = site.shunt({"doctor"});
  CAPTURE(lonely.text());
  CHECK(lonely.code == 1);
  CHECK(has(lonely.text(), "nginx's configuration does not include " + file));
  CHECK(has(lonely.text(), "include " + file + ";"));
  std::ofstream(site.nginx->config(), std::ios::app) << "no_such_directive on;\n";
  const auto broken = site.shunt({"doctor"});
  CAPTURE(broken.text());
  CHECK(broken.code == 1);
  CHECK(has(broken.text(), "no_such_directive"));
}

TEST_CASE("nginx's workers that cannot follow the link are found before the first deployment") {
  if (::getuid() != 0) return;
  NginxSiteOptions options;
  options.user = "nobody nogroup";
  NginxSite site(options);
  const auto found = site.shunt({"doctor"});
  CAPTURE(found.text());
  CHECK(found.code == 1);
  CHECK(has(found.text(), "workers may not enter " + site.folder.path().string()));
}

TEST_CASE("a Caddy that follows the file is well, before the first deployment and after it") {
  CaddySite site;
  const auto before = site.shunt({"doctor"});
  CAPTURE(before.text());
  CHECK(before.code == 0);
  CHECK(has(before.text(), "the first deployment writes " + (site.caddy->shares() / "web.caddy").string()));
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  const auto after = site.shunt({"doctor"});
  CAPTURE(after.text());
  CHECK(after.code == 0);
  CHECK(has(after.text(), "a switch reloads nothing"));
  replace_in(site.folder, "caddy/Caddyfile", "import \"" + site.caddy->shares().string() + "/web.cadd?\"",
             "respond 404");
  site.caddy->reload();
  const auto lonely = site.shunt({"doctor"});
  CAPTURE(lonely.text());
  CHECK(lonely.code == 1);
  CHECK(has(lonely.text(), "Caddy runs without the routes"));
}

TEST_CASE("a Caddy that is switched by its API: what that costs, and whether it keeps what it is told") {
  for (const bool resume : {true, false}) {
    CaddySiteOptions options;
    options.by_file = false;
    options.resume = resume;
    CaddySite site(options);
    const auto found = site.shunt({"doctor"});
    CAPTURE(found.text());
    CHECK(found.code == 1);
    CHECK(has(found.text(), "closes every websocket"));
    CHECK(has(found.text(), "Caddy runs with --resume") == resume);
    CHECK(has(found.text(), "Caddy forgets the shares") == !resume);
  }
}
