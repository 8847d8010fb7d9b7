#include "harness/haproxy.hpp"

#include <fmt/format.h>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "harness/eventually.hpp"
#include "harness/ports.hpp"
#include "harness/unix_socket.hpp"

namespace shunt::harness {

namespace {

std::string server_line(const HaproxyServer& server, const HaproxyOptions& options) {
  auto line = fmt::format("  server {} {}:{} weight {}", server.name, server.host, server.port, server.weight);
  if (!options.check.empty()) line += fmt::format(" check inter {} fall 2 rise 1", options.inter);
  if (!server.flags.empty()) line += " " + server.flags;
  return line + "\n";
}

std::string global_section(const HaproxyOptions& options, const std::filesystem::path& folder) {
  auto text = fmt::format(
      "global\n  maxconn 2000\n  hard-stop-after 10s\n  stats socket {} mode 600 level admin expose-fd listeners\n",
      (folder / "admin.sock").string());
  if (options.state_file) text += fmt::format("  server-state-file {}\n", (folder / "state").string());
  return text;
}

std::string configuration(const HaproxyOptions& options, const std::filesystem::path& folder, int port) {
  auto text = global_section(options, folder);
  text +=
      "defaults\n  mode http\n  timeout connect 1s\n  timeout check 1s\n  timeout client 30s\n  timeout server 30s\n";
  if (options.state_file) text += "  load-server-state-from-file global\n";
  text += fmt::format("frontend main\n  bind 127.0.0.1:{}\n  default_backend {}\n", port, options.backend);
  text += fmt::format("backend {}\n  balance {}\n", options.backend, options.balance);
  if (!options.check.empty()) text += fmt::format("  option httpchk GET {}\n", options.check);
  for (const auto& line : options.backend_lines) text += "  " + line + "\n";
  for (const auto& server : options.servers) text += server_line(server, options);
  return text;
}

std::string ask(const std::filesystem::path& socket, const std::string& text) {
  auto answer = ask_socket(socket, text + "\nquit\n");  // the master's socket would wait for more
  while (answer.ends_with('\n')) answer.pop_back();
  return answer;
}

std::string ask_or_nothing(const std::filesystem::path& socket, const std::string& text) {
  try {
    return ask(socket, text);
  } catch (const std::runtime_error&) {
    return "";
  }
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
  return fields;
}

// The process that answers at the stats socket, another one after a reload; "" when none does.
std::string worker_at(const std::filesystem::path& socket) {
  const auto info = ask_or_nothing(socket, "show info");
  const auto at = info.find("\nPid: ");
  return at == std::string::npos ? "" : info.substr(at + 6, info.find('\n', at + 1) - at - 6);
}

}  // namespace

HaproxyServer found_later(std::string name) {
  const auto host = name + ".invalid";
  return {std::move(name), 9, 0, "init-addr last,127.0.0.1", host};
}

Haproxy::Haproxy(const TemporaryFolder& folder, HaproxyOptions options)
    : folder_(folder / options.folder),
      port_(free_port()),
      program_(
          {{"haproxy", "-W", "-S", (folder_ / "master.sock").string(), "-f", (folder_ / "haproxy.cfg").string()}}) {
  std::filesystem::create_directories(folder_);
  configure(std::move(options));
  start();
}

void Haproxy::configure(HaproxyOptions options) {
  options_ = std::move(options);
  std::ofstream(config(), std::ios::trunc) << configuration(options_, folder_, port_);
}

// A master that does not answer yet would lose, or die of, the signal or command that asks for a reload.
void Haproxy::start() {
  program_.start();
  const bool ready = eventually(std::chrono::seconds(10), [&] {
    return !program_.alive() || (!worker_at(socket()).empty() && !ask_or_nothing(master_socket(), "show proc").empty());
  });
  if (!ready || !program_.alive()) throw std::runtime_error("HAProxy does not start: " + program_.output());
}

void Haproxy::stop() {
  program_.kill();
  std::filesystem::remove(socket());
  std::filesystem::remove(master_socket());
}

void Haproxy::restart() {
  stop();
  start();
}

void Haproxy::reload() {
  const auto before = worker_at(socket());
  ask(master_socket(), "reload");
  const bool done = eventually(std::chrono::seconds(10), [&] {
    const auto now = worker_at(socket());
    return !now.empty() && now != before;
  });
  if (!done) throw std::runtime_error("HAProxy does not take up its configuration: " + program_.output());
}

std::string Haproxy::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::string Haproxy::command(const std::string& text) const {
  return ask(socket(), text);
}

std::string Haproxy::stat(const std::string& server, const std::string& column) const {
  std::istringstream table(command("show stat"));
  std::string line;
  std::getline(table, line);
  const auto names = fields_of(line.starts_with("# ") ? line.substr(2) : line);
  while (std::getline(table, line)) {
    const auto values = fields_of(line);
    if (values.size() < 2 || values[0] != options_.backend || values[1] != server) continue;
    for (std::size_t i = 0; i < names.size() && i < values.size(); ++i)
      if (names[i] == column) return values[i];
  }
  return "";
}

}  // namespace shunt::harness
