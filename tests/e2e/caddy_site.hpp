// A small production site behind Caddy: an app file, a state folder, and shunt to run against them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "e2e/site.hpp"
#include "harness/caddy.hpp"

namespace shunt::e2e {

/// What the app file and Caddy's configuration say beyond the ordinary.
struct CaddySiteOptions {
  bool by_file = true;
  bool resume = false;   ///< for the API: Caddy keeps what it was told over a restart
  std::string policy{};  ///< for the file: "cookie", "ip_hash"; "": nobody stays
  std::string strategy = "blue_green";
  std::string options = "soak = \"0s\"";  ///< body of the options table
  std::string drain = "200ms";
  std::string command_more{};  ///< further words of the command: "\"--unhealthy\","
};

class CaddySite : public Desk {
 public:
  explicit CaddySite(CaddySiteOptions options = {});

  /// Writes the app file again.
  void configure(CaddySiteOptions options);

  /// The version that answers through Caddy, or "" for an error.
  std::string serving(const harness::HttpHeaders& headers = {}) const;
  std::string url(const std::string& path = "/") const { return caddy->url(path); }

  /// Green's share as Caddy was told it: what the file is called after its dot, "" for no file; by the API green's part
  /// of the list.
  std::string told() const;
  /// An operator's own share for green, a multiple of five, told to Caddy behind shunt's back.
  void send_by_hand(int green_share) const;

  int blue = 0;
  int green = 0;
  std::unique_ptr<harness::Caddy> caddy;

 private:
  std::string app_text() const;
  std::string proxy_text() const;

  CaddySiteOptions options_;
};

}  // namespace shunt::e2e
