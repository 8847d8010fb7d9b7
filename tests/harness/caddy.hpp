// A real Caddy with one site.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/folder.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

/// What its configuration says.
struct CaddyOptions {
  bool by_file = false;             ///< a Caddyfile that imports FOLDER/web.caddy, else JSON with a handler of `id`
  std::vector<int> upstreams{};     ///< ports that the handler lists at first
  std::string id = "shop";          ///< of the handler
  std::string policy{};             ///< JSON of its selection policy; "": Caddy's default
  std::vector<std::string> site{};  ///< further lines of the Caddyfile's site, before the import
  bool resume = false;              ///< `--resume`: what was told over the admin API outlives a restart
  std::string shares = "shares";    ///< name of the folder in which shunt names its file
};

/// Caddy in the foreground, with the folders for its own data inside the test's.
class Caddy {
 public:
  /// Writes the configuration into a folder `caddy` of `folder`, starts it and waits until it answers. Throws
  /// std::runtime_error, with Caddy's own words, when it does not.
  Caddy(const TemporaryFolder& folder, CaddyOptions options);

  void start();
  void stop();     ///< at once
  void restart();  ///< stop, start
  void reload();   ///< loads the configuration file again

  /// Writes other options; they count from the next reload or restart on.
  void configure(CaddyOptions options);

  int port() const { return port_; }
  std::string url(const std::string& path = "/") const;
  std::filesystem::path config() const;
  std::filesystem::path shares() const { return folder_ / options_.shares; }
  std::filesystem::path admin_socket() const { return folder_ / "admin.sock"; }
  std::string admin() const { return "unix/" + admin_socket().string(); }  ///< as Caddy writes it

  /// Of the handler in the JSON configuration.
  static std::string handler_path() { return "/config/apps/http/servers/shop/routes/1/handle/0"; }

  std::vector<std::string> reload_command() const;

  /// An operator's own request to the admin API; the text of the answer. Throws std::runtime_error when it is refused.
  std::string ask(const std::string& method, const std::string& path, const std::string& body = {}) const;

  Program& program() { return program_; }

 private:
  Command command(std::vector<std::string> words) const;

  std::filesystem::path folder_;
  CaddyOptions options_;
  int port_;
  Program program_;
};

}  // namespace shunt::harness
