// A small production site: HAProxy, an app file, a state folder, and shunt to run against them.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/harness.hpp"

namespace shunt::e2e {

using Json = nlohmann::json;

/// How a shunt command ended, with what it printed.
struct Ended {
  int code = 0;
  std::string out;
  std::string err;

  /// The objects of `--json`, one per line.
  std::vector<Json> events() const;
  /// The last event of that name; null when there is none.
  Json last(const std::string& name) const;
  std::string text() const { return out + err; }
};

/// What the app file says beyond the ordinary.
struct SiteOptions {
  std::string balance = "roundrobin";
  bool state_file = false;
  bool cookies = false;     ///< HAProxy keeps each client on its server by the cookie SRV
  int configured_blue = 0;  ///< blue's weight in haproxy.cfg; green's is 0
  bool smoke = true;
  bool verify = true;
  std::string strategy = "blue_green";
  std::string options = "soak = \"0s\"";  ///< body of the options table
  std::string more;                       ///< further lines of the app table (gates, metrics, checks)
  std::string service_more;               ///< further lines of the service table
  std::string drain = "2s";
  std::string health_timeout = "5s";
  std::string command_more;  ///< further words of the command: "\"--unhealthy\","
  std::string wrapper;       ///< first words of the command, before the shop: "\"./tree.sh\","
  std::string socket;        ///< of the proxy, as the app file names it; "": the proxy's own
  std::string proxy_more;    ///< further keys of the proxy table
};

/// A folder with an app file and a state folder, and shunt to run against them.
class Desk {
 public:
  /// Runs `shunt -f APP --state DIR WORDS...` to its end.
  Ended shunt(std::vector<std::string> words, std::map<std::string, std::string> env = {});

  /// Starts it and goes on; the program belongs to the desk's folder.
  harness::Program start(std::vector<std::string> words, std::map<std::string, std::string> env = {});

  /// The command line of `shunt -f APP --state DIR WORDS...`.
  harness::Command command(std::vector<std::string> words, std::map<std::string, std::string> env = {}) const;

  void write_app(const std::string& text);
  Json status();
  /// Waits until the deployment that runs has come to its soak: nothing of its switch is under way any more.
  bool soaks();

  /// Processes of the shop that belong to this folder.
  std::vector<pid_t> shops() const;
  /// Kills supervisors and instances, as a machine that loses its power does.
  void crash_instances();
  /// The same for those of one version.
  void crash_instances_of(const std::string& version);

  harness::TemporaryFolder folder;
  std::filesystem::path state() const { return folder / "state"; }
  std::filesystem::path app_file() const { return folder / "shunt.lua"; }
};

class Site : public Desk {
 public:
  explicit Site(SiteOptions options = {});

  /// Writes the app file again.
  void configure(SiteOptions options);

  /// What answers through the proxy: the version, or "" for an error.
  std::string serving() const;
  /// How many requests the version in that colour has answered; -1 when nobody listens there.
  long answers_of(int port) const;

  int blue = 0;
  int green = 0;
  std::unique_ptr<harness::Haproxy> proxy;
  std::string url(const std::string& path = "/") const { return proxy->url(path); }

  /// What is in the app file.
  std::string app_text() const;

 private:
  SiteOptions options_;
};

/// Options of a site on which somebody has a minute to interfere after the switch.
SiteOptions long_soak();

/// Whether v2 has all the traffic, in green.
bool switched(const Site& site);

}  // namespace shunt::e2e
