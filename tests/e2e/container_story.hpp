// A story that tests share: containers that publish nothing, which a proxy is told the addresses of.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "e2e/container_site.hpp"

namespace shunt::e2e {

inline ContainerSiteOptions without_ports() {
  ContainerSiteOptions options;
  options.publish = false;
  options.options = "soak = \"0s\", hold = \"1h\"";
  options.drain = "3s";
  return options;
}

/// The site is behind that proxy from now on: its table in the app file, and where it answers.
inline void go_behind(ContainerSite& site, const std::string& table, const std::string& url) {
  auto options = without_ports();
  options.proxy = table;
  options.url = url;
  site.configure(options);
}

inline void succeed(ContainerSite& site, std::vector<std::string> words, const std::string& version) {
  const auto ended = site.shunt(std::move(words));
  CAPTURE(ended.text());
  REQUIRE(ended.code == 0);
  CHECK(site.serving() == version);
}

/// v1 serves; v2, and back, and a visitor who notices nothing but that. `halfway` is done while v2 serves.
template <typename Halfway>
void deploy_and_go_back(ContainerSite& site, const Halfway& halfway) {
  Trickle visitor(site.url());
  succeed(site, {"deploy", "v2"}, "v2");
  halfway();
  succeed(site, {"rollback"}, "v1");
  CHECK(visitor.stop() == "");
  CHECK(visitor.requests() > 10);
  const auto seen = visitor.versions();  // while one is raised and the other not yet lowered, either may answer
  CAPTURE(seen);
  CHECK(seen.starts_with("v1 v2"));
  CHECK(seen.ends_with(" v1"));
  CHECK(seen.find("v3") == std::string::npos);
}

inline void deploy_and_go_back(ContainerSite& site) {
  deploy_and_go_back(site, [] {});
}

/// The serving container is started again while somebody else has its address.
inline void come_back_elsewhere(ContainerSite& site) {
  const auto before = site.address_of("shop-web-blue-0");
  site.engine->docker({"stop", "-t", "1", "shop-web-blue-0"});
  site.engine->docker({"run", "-d", "--name", "squatter", "shop:v3"});
  site.engine->docker({"start", "shop-web-blue-0"});
  REQUIRE(site.address_of("squatter") == before);
}

}  // namespace shunt::e2e
