#include "harness/nginx.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

namespace shunt::harness {

namespace {

std::string placeholder_of(const NginxOptions& options) {
  if (!options.placeholder.empty()) return options.placeholder;
  if (options.by_link) return fmt::format("map \"\" $shunt_{} {{ default \"\"; }}\n", options.upstream);
  return fmt::format("upstream {} {{ server 127.0.0.1:9 down; }}\n", options.upstream);
}

std::string main_part(const NginxOptions& options, const std::filesystem::path& folder) {
  const auto user = options.user.empty() ? std::string(::getuid() == 0 ? "root" : "") : options.user;
  auto text = fmt::format("daemon off;\nmaster_process on;\nworker_processes {};\n", options.workers);
  if (!user.empty()) text += fmt::format("user {};\n", user);
  return text + fmt::format("pid {0}/nginx.pid;\nerror_log {0}/error.log notice;\n", folder.string()) +
         "events { worker_connections 2048; }\n";
}

std::string http_part(const NginxOptions& options, const std::filesystem::path& folder) {
  std::string text = "  access_log off;\n";
  for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += fmt::format("  {}_temp_path {}/tmp_{};\n", kind, folder.string(), kind);
  for (const auto& line : options.http_lines) text += "  " + line + "\n";
  return text + fmt::format("  include {}/upstream.conf;\n", folder.string());
}

std::string location_part(const NginxOptions& options, const std::filesystem::path& folder) {
  auto text = options.by_link ? fmt::format("      root \"{}/{}/live\";\n      proxy_pass http://$shunt_{};\n",
                                            folder.string(), options.shares, options.upstream)
                              : fmt::format("      proxy_pass http://{};\n", options.upstream);
  for (const auto& line : options.location) text += "      " + line + "\n";
  return text;
}

// `/nginx-answers` is nginx's own, so that it can be told from what it passes on.
std::string configuration(const NginxOptions& options, const std::filesystem::path& folder, int port) {
  return main_part(options, folder) + "http {\n" + http_part(options, folder) +
         fmt::format("  server {{\n    listen 127.0.0.1:{} backlog=1024;\n", port) +
         "    location = /nginx-answers { return 204; }\n    location / {\n" + location_part(options, folder) +
         "    }\n  }\n}\n";
}

}  // namespace

Nginx::Nginx(const TemporaryFolder& folder, NginxOptions options)
    : folder_(folder / "nginx"), port_(free_port()), program_({{"nginx", "-c", (folder_ / "nginx.conf").string()}}) {
  std::filesystem::create_directories(folder_ / options.shares);
  std::ofstream(include_file(), std::ios::trunc) << placeholder_of(options);
  configure(std::move(options));
  start();
}

void Nginx::configure(NginxOptions options) {
  options_ = std::move(options);
  std::ofstream(config(), std::ios::trunc) << configuration(options_, folder_, port_);
}

void Nginx::start() {
  program_.start();
  const bool ready = eventually(std::chrono::seconds(10), [&] {
    return !program_.alive() || (http_get(url("/nginx-answers")).status == 204 && master() == program_.pid());
  });
  if (!ready || !program_.alive()) throw std::runtime_error("nginx does not start: " + program_.output());
}

void Nginx::stop() {
  program_.kill();
  std::filesystem::remove(pid_file());
}

void Nginx::restart() {
  stop();
  start();
}

void Nginx::reload() {
  const auto ran = run({reload_command()});
  if (ran.code() != 0) throw std::runtime_error("nginx cannot be told to reload: " + ran.output());
}

std::string Nginx::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> Nginx::test_command() const {
  return {"nginx", "-t", "-c", config().string()};
}

std::vector<std::string> Nginx::reload_command() const {
  return {"nginx", "-s", "reload", "-c", config().string()};
}

pid_t Nginx::master() const {
  std::ifstream file(pid_file());
  pid_t pid = 0;
  file >> pid;
  return pid;
}

std::vector<pid_t> Nginx::workers() const {
  std::vector<pid_t> workers;
  std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", master()));
  for (pid_t pid = 0; file >> pid;) workers.push_back(pid);
  return workers;
}

}  // namespace shunt::harness
