// Where the relative paths of an app file start.
#include <doctest/doctest.h>

#include "e2e/site.hpp"

using namespace shunt::e2e;

TEST_CASE("relative paths start at the app file's folder, wherever shunt is started") {
  SiteOptions options;
  options.state_file = true;
  Site site(options);
  auto text = site.app_text();
  const auto folder = site.folder.path().string() + "/";
  for (const auto& file : {site.proxy->socket().string(), site.proxy->state_file().string()}) {
    REQUIRE(file.starts_with(folder));
    text.replace(text.find(file), file.size(), file.substr(folder.size()));
  }
  site.write_app(text);
  auto deploy = site.command({"deploy", "v1"});
  deploy.cwd = "/";
  const auto ran = shunt::harness::run(deploy, std::chrono::seconds(30));
  CHECK_MESSAGE(ran.code() == 0, ran.output());
  CHECK(site.serving() == "v1");
}
