#include "adapters/runtime/docker/host.hpp"

#include <fmt/format.h>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace shunt::adapters::docker {

namespace {

constexpr const char* usual_socket = "/var/run/docker.sock";

Error not_a_host(const std::string& text, std::string remedy) {
  return {"SH1430", Kind::config, fmt::format("'{}' does not say where a container engine listens", text),
          std::move(remedy)};
}

Host at_socket(std::string path) {
  Host host;
  host.name = path;
  host.unix_socket = std::move(path);
  host.url = "http://docker";
  host.machine = "127.0.0.1";
  return host;
}

http::Tls certificates(const Variable& variable) {
  auto folder = std::filesystem::path(variable("DOCKER_CERT_PATH").value_or(""));
  if (folder.empty()) folder = std::filesystem::path(variable("HOME").value_or("/")) / ".docker";
  const auto file = [&](const char* name) {
    std::error_code failed;
    return std::filesystem::exists(folder / name, failed) ? (folder / name).string() : "";
  };
  return {file("ca.pem"), file("cert.pem"), file("key.pem")};
}

std::string machine_of(std::string_view authority) {
  const auto end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  const std::string machine(authority.substr(0, end));
  const bool is_loopback = machine == "localhost" || machine == "[::1]" || machine.starts_with("127.");
  return is_loopback ? "127.0.0.1" : machine;
}

Result<Host> at_address(const std::string& text, std::string_view scheme, std::string_view rest,
                        const Variable& variable) {
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.find('/') != std::string_view::npos) return not_a_host(text, "write tcp://HOST:PORT");
  const bool verify = !variable("DOCKER_TLS_VERIFY").value_or("").empty();
  const bool tls = scheme == "https" || (scheme == "tcp" && verify);
  Host host;
  host.name = rest;
  host.machine = machine_of(rest);
  host.url = fmt::format("{}://{}", tls ? "https" : "http", rest);
  if (rest.find(':', rest.find(']') == std::string_view::npos ? 0 : rest.find(']')) == std::string_view::npos)
    host.url += tls ? ":2376" : ":2375";
  if (tls) host.tls = certificates(variable);
  return host;
}

}  // namespace

std::optional<std::string> variable_of_this_program(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<Host> parse_host(const std::string& host, const Variable& variable) {
  const std::string given = host.empty() ? variable("DOCKER_HOST").value_or("") : host;
  if (given.empty()) return at_socket(usual_socket);
  if (given.starts_with('/')) return at_socket(given);
  const std::string_view text = given;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return not_a_host(given, "write the path of its socket, or tcp://HOST:PORT");
  const auto scheme = text.substr(0, colon);
  const auto rest = text.substr(colon + 3);
  if (scheme == "unix" && rest.starts_with('/')) return at_socket(std::string(rest));
  if (scheme == "tcp" || scheme == "http" || scheme == "https") return at_address(given, scheme, rest, variable);
  if (scheme == "ssh")
    return not_a_host(given,
                      "forward its socket (`ssh -L /run/remote.sock:/var/run/docker.sock HOST`) and name that one");
  return not_a_host(given, "write the path of its socket, or tcp://HOST:PORT");
}

}  // namespace shunt::adapters::docker
