// A real HAProxy with one frontend and one backend.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/folder.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

/// A `server` line of the backend.
struct HaproxyServer {
  std::string name;
  int port = 0;
  int weight = 100;
  std::string flags{};  ///< anything else: "backup", "disabled", "cookie b"
  std::string host = "127.0.0.1";
};

/// A server that is told its address while it runs, and keeps it over a reload where there is a state file.
HaproxyServer found_later(std::string name);

/// What its configuration says.
struct HaproxyOptions {
  std::vector<HaproxyServer> servers;
  std::string backend = "shop";
  std::string balance = "roundrobin";
  std::string check = "/health/ready";       ///< path of HAProxy's own health check; "" for none
  std::string inter = "50ms";                ///< between two of them
  bool state_file = false;                   ///< load-server-state-from-file, from `state_file()`
  std::vector<std::string> backend_lines{};  ///< further lines of the backend: "cookie SRV insert"
  std::string folder = "haproxy";            ///< name of its folder: one for each HAProxy of a test
};

/// HAProxy in master-worker mode, with a stats socket of level admin.
class Haproxy {
 public:
  /// Writes the configuration into a folder of its own in `folder`, starts it and waits until it is ready. Throws
  /// std::runtime_error, with HAProxy's own words, when it refuses the configuration.
  Haproxy(const TemporaryFolder& folder, HaproxyOptions options);

  void start();
  void stop();     ///< at once, without a drain
  void restart();  ///< stop, start: what its state file does not hold is forgotten
  void reload();   ///< takes up the configuration without closing its ports; returns when the new worker answers

  /// Writes other options; they count from the next reload or restart on.
  void configure(HaproxyOptions options);

  /// Alive, and deaf; and back.
  void freeze() { program_.freeze(); }
  void thaw() { program_.thaw(); }

  int port() const { return port_; }  ///< of the frontend
  std::string url(const std::string& path = "/") const;
  std::filesystem::path socket() const { return folder_ / "admin.sock"; }
  std::filesystem::path master_socket() const { return folder_ / "master.sock"; }
  std::filesystem::path state_file() const { return folder_ / "state"; }
  std::filesystem::path config() const { return folder_ / "haproxy.cfg"; }
  Program& program() { return program_; }

  /// The answer of the stats socket to one command, without the empty line at its end. Throws std::runtime_error when
  /// there is nobody.
  std::string command(const std::string& text) const;

  /// A column of `show stat` for a server of the backend ("weight", "status", "scur"); "" when there is none.
  std::string stat(const std::string& server, const std::string& column) const;

 private:
  HaproxyOptions options_;
  std::filesystem::path folder_;
  int port_;
  Program program_;
};

}  // namespace shunt::harness
