// A real nginx with one server.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/folder.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

/// What its configuration says.
struct NginxOptions {
  std::string upstream = "shop";
  bool by_link = false;                   ///< the three lines of a switch by link, else `proxy_pass http://UPSTREAM;`
  std::string placeholder{};              ///< content of the included file at first; "": what lets nginx start
  std::vector<std::string> location{};    ///< further lines of the location: "proxy_set_header Connection upgrade;"
  std::vector<std::string> http_lines{};  ///< further lines of the http block
  std::string user{};                     ///< of the workers; "": the one that runs the test
  std::string shares = "shares";          ///< name of the folder that holds the link
  int workers = 2;
};

/// nginx with a master in the foreground.
class Nginx {
 public:
  /// Writes the configuration into a folder `nginx` of `folder`, starts it and waits until it answers. Throws
  /// std::runtime_error, with nginx's own words, when it refuses the configuration.
  Nginx(const TemporaryFolder& folder, NginxOptions options);

  void start();
  void stop();     ///< at once
  void restart();  ///< stop, start
  void reload();   ///< returns as soon as nginx is told, as `nginx -s reload` does

  /// Writes other options; they count from the next reload or restart on. The included file stays.
  void configure(NginxOptions options);

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const;
  std::filesystem::path config() const { return folder_ / "nginx.conf"; }
  std::filesystem::path include_file() const { return folder_ / "upstream.conf"; }
  std::filesystem::path link() const { return folder_ / options_.shares / "live"; }
  std::filesystem::path pid_file() const { return folder_ / "nginx.pid"; }
  std::filesystem::path error_log() const { return folder_ / "error.log"; }

  /// The commands by which a configuration of this nginx is tested and taken up.
  std::vector<std::string> test_command() const;
  std::vector<std::string> reload_command() const;

  pid_t master() const;
  std::vector<pid_t> workers() const;  ///< those that are shutting down, too
  Program& program() { return program_; }

 private:
  std::filesystem::path folder_;
  NginxOptions options_;
  int port_;
  Program program_;
};

}  // namespace shunt::harness
