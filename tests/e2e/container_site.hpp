// A small production site whose instances are containers: an engine, HAProxy, an app file, and shunt to run against
// them.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "e2e/site.hpp"
#include "harness/docker.hpp"
#include "harness/podman.hpp"

namespace shunt::e2e {

/// What the app file says beyond the ordinary.
struct ContainerSiteOptions {
  std::string image = "shop:{version}";
  bool publish = true;       ///< ports of 127.0.0.1; without, containers are reached at their own addresses
  std::string runtime_more;  ///< further keys of the runtime table
  std::string health = "path = \"/health/ready\"";
  std::string options = "soak = \"0s\"";
  std::string drain = "2s";
  std::string health_timeout = "20s";
  bool told = false;  ///< HAProxy's servers have no addresses until it is told them, and a state file keeps them
  std::string proxy;  ///< the whole proxy table; "": HAProxy's
  std::string url;    ///< of that proxy
  std::string service_more;
  std::string more;  ///< further keys of the app
};

/// One service, `web`, of app `shop`. Its engine has the images shop:v1, shop:v2 and shop:v3.
class ContainerSite : public Desk {
 public:
  /// With a Docker Engine.
  explicit ContainerSite(ContainerSiteOptions options = {}, harness::DockerOptions engine = {});
  /// With Podman.
  ContainerSite(ContainerSiteOptions options, harness::PodmanOptions engine);

  /// Writes the app file again.
  void configure(ContainerSiteOptions options);

  /// What answers through the proxy: the version, or "" for an error.
  std::string serving() const;
  std::string url(const std::string& path = "/") const;

  /// Names of the containers that shunt made, running or not, in order.
  std::vector<std::string> containers() const;
  /// Where one of them is, by its own address.
  std::string address_of(const std::string& container) const;
  /// The id of a container; "" when there is none of that name.
  std::string id_of(const std::string& container) const;

  std::unique_ptr<harness::ContainerEngine> engine;  ///< before everything that is started in its network
  int blue = 0;
  int green = 0;
  std::unique_ptr<harness::Haproxy> proxy;

  std::string app_text() const;

 private:
  void open();

  ContainerSiteOptions options_;
};

/// Somebody who asks for the page of a site now and then, a few times a second, on connections of their own.
class Trickle {
 public:
  explicit Trickle(std::string url);
  ~Trickle();

  /// Ends it; what was no answer of the shop, "" for none of it.
  std::string stop();
  int requests() const { return requests_; }
  /// The versions that answered, one after the other, repetitions left out: "v1 v2 v1".
  std::string versions() const { return versions_; }

 private:
  void ask(const std::string& url);

  std::atomic<bool> over_ = false;
  int requests_ = 0;
  std::string failures_;
  std::string versions_;
  std::string last_;
  std::thread thread_;
};

}  // namespace shunt::e2e
