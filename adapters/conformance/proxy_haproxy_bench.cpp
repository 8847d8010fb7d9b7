#include "adapters/conformance/proxy_haproxy_bench.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "adapters/proxy/haproxy/haproxy_proxy.hpp"
#include "harness/eventually.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

constexpr std::chrono::milliseconds lateness{60};

std::string answer_of(const std::filesystem::path& socket, const std::string& line) {
  const int connection = connect_to(socket);
  send_all(connection, line);
  auto text = receive_all(connection);
  ::close(connection);
  return text;
}

/// The lines whose answers are lost: an adapter that looks before it acts must be let look.
bool is_lost(const std::string& line) {
  return line.find("set server") != std::string::npos || line.find("show info") != std::string::npos;
}

}  // namespace

Relay::Relay(std::filesystem::path at, std::filesystem::path to) : at_(std::move(at)), to_(std::move(to)) {
  listen();
}

void Relay::listen() {
  peer_ = std::make_unique<Peer>(at_, [this](int connection) { pass_on(connection); });
}

void Relay::make(ProxyTrouble trouble) {
  trouble_ = trouble;
  peer_.reset();
  if (trouble != ProxyTrouble::down) listen();
}

void Relay::pass_on(int connection) {
  ++connections_;
  const auto trouble = trouble_.load();
  const auto line = receive_until(connection, "\n");
  if (trouble == ProxyTrouble::hang) {
    receive_all(connection);
    return;
  }
  if (trouble == ProxyTrouble::garbage) {
    send_all(connection, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  if (trouble == ProxyTrouble::late) std::this_thread::sleep_for(lateness);
  auto text = answer_of(to_, line);
  if (trouble == ProxyTrouble::half) text.resize(text.size() / 2);
  if (trouble == ProxyTrouble::lost_reply && is_lost(line)) return;
  send_all(connection, text);
}

HaproxyBench::HaproxyBench(ProxySetup setup, const harness::HaproxyOptions& more)
    : setup_(setup), backend_(setup.has_odd_names ? "sh-op_1.x:y" : "shop") {
  auto options = more;
  options.backend = backend_;
  Value names = Value::object();
  for (const Colour color : both_colours) {
    for (int i = 0; i < setup_.servers[color]; ++i) {
      const int port = harness::free_port();
      const auto name = name_of_server(color, i);
      servers_[color].push_back(std::make_unique<HeldServer>(port, name));
      options.servers.push_back({name, port, color == Colour::blue ? 100 : 0});
      names[text_of(color)].push_back(name);
    }
  }
  if (!setup_.is_checked) options.check = "";
  if (setup_.is_static) options.balance = "static-rr";
  options.state_file = setup_.is_persistent;
  haproxy_ = std::make_unique<harness::Haproxy>(folder_, options);
  relay_ = std::make_unique<Relay>(folder_ / "relay.sock", haproxy_->socket());
  context_ = std::make_unique<BenchContext>(loop_, folder_.path());
  config_ = {{"socket", (folder_ / "relay.sock").string()},
             {"backend", backend_},
             {"servers", names},
             {"timeout", fmt::format("{}ms", timeout().count())}};
  if (setup_.is_persistent) config_["state_file"] = haproxy_->state_file().string();
  proxy_ = make_proxy(config_);
}

HaproxyBench::~HaproxyBench() {
  for (const int client : idle_) ::close(client);
}

std::unique_ptr<Proxy> HaproxyBench::make_proxy(const Value& config) {
  const auto adapter = adapters::haproxy_proxy();
  const auto valid = validate(adapter.info.schema, config, "proxy");
  if (!valid) throw std::runtime_error(to_paragraph(valid.error()));
  return adapter.make(context_->context(), *valid);
}

std::string HaproxyBench::name_of_server(Colour color, int index) const {
  return fmt::format("{}{}{}", name_of(color), setup_.has_odd_names ? ".X:_-" : "", index);
}

void HaproxyBench::set_healthy(Colour color, int server, bool healthy) {
  servers_[color].at(static_cast<std::size_t>(server))->set_listening(healthy);
}

void HaproxyBench::take_out(Colour color) {
  for (int i = 0; i < setup_.servers[color]; ++i)
    tell(fmt::format("set server {}/{} state maint", backend_, name_of_server(color, i)));
}

void HaproxyBench::set_weights(Weights weights) {
  for (const Colour color : both_colours)
    for (int i = 0; i < setup_.servers[color]; ++i)
      tell(fmt::format("set server {}/{} weight {}", backend_, name_of_server(color, i), weights[color]));
}

std::shared_ptr<void> HaproxyBench::hold(bool websocket) {
  const int client = connect_to(haproxy_->port());
  const auto request = websocket ? std::string(
                                       "GET /socket HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\n"
                                       "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                                 : std::string("GET /hold HTTP/1.1\r\nHost: shop\r\n\r\n");
  send_all(client, request);
  if (websocket) receive_until(client, "\r\n\r\n");
  idle_.push_back(client);
  return std::shared_ptr<void>(nullptr, [this](void*) {
    for (const Colour color : both_colours)
      for (const auto& server : servers_[color]) server->let_go();
  });
}

std::int64_t HaproxyBench::now() const {
  return wall_clock_ms();
}

bool HaproxyBench::eventually(const std::function<bool()>& condition) {
  return harness::eventually(std::chrono::seconds(10), condition);
}

std::unique_ptr<ProxyBench> make_haproxy_bench(ProxySetup setup) {
  return std::make_unique<HaproxyBench>(setup);
}

}  // namespace shunt::conformance
