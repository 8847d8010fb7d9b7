// A small production site behind nginx: an app file, a state folder, and shunt to run against them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "e2e/site.hpp"
#include "harness/nginx.hpp"

namespace shunt::e2e {

/// What the app file and nginx.conf say beyond the ordinary.
struct NginxSiteOptions {
  bool by_link = true;
  std::string split{};  ///< "": nginx's default
  std::string strategy = "blue_green";
  std::string options = "soak = \"0s\"";  ///< body of the options table
  std::string drain = "200ms";
  std::string command_more{};  ///< further words of the command: "\"--unhealthy\","
  std::vector<std::string> location{};
  std::string user{};  ///< of nginx's workers; "": the one that runs the test
};

class NginxSite : public Desk {
 public:
  explicit NginxSite(NginxSiteOptions options = {});

  /// Writes the app file again.
  void configure(NginxSiteOptions options);

  /// The version that answers through nginx, or "" for an error.
  std::string serving(const harness::HttpHeaders& headers = {}) const;
  std::string url(const std::string& path = "/") const { return nginx->url(path); }

  /// What shunt tells nginx: where the link leads, or the included file.
  std::string told() const;
  /// An operator's own share for green, told to nginx behind shunt's back.
  void send_by_hand(int green_share);

  int blue = 0;
  int green = 0;
  std::unique_ptr<harness::Nginx> nginx;

 private:
  std::string app_text() const;

  NginxSiteOptions options_;
};

}  // namespace shunt::e2e
