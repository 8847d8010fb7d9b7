#include "adapters/conformance/proxy_caddy_bench.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "adapters/proxy/caddy/caddy_proxy.hpp"
#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

constexpr std::chrono::milliseconds relay_lateness{60};

bool is_change(const std::string& request) {
  return request.starts_with("PATCH ") || request.starts_with("PUT ");
}

/// The requests whose answers are lost: an adapter that looks before it acts must be let look.
bool loses_answer(const std::string& request) {
  return is_change(request) || request.starts_with("GET /metrics");
}

/// Head and body; the connection is to be closed after the answer.
std::string read_request(int connection) {
  auto text = receive_until(connection, "\r\n\r\n");
  const auto head_end = text.find("\r\n\r\n");
  if (head_end == std::string::npos) return text;
  const std::string label = "Content-Length: ";
  const auto at = text.find(label);
  const auto length = at < head_end ? std::stoul(text.substr(at + label.size())) : 0;
  while (text.size() < head_end + 4 + length) {
    const auto more = receive_some(connection);
    if (more.empty()) break;
    text += more;
  }
  return text.insert(head_end, "\r\nConnection: close");
}

std::string pass(const std::filesystem::path& socket, const std::string& request) {
  const int connection = connect_to(socket);
  send_all(connection, request);
  auto text = receive_all(connection);
  ::close(connection);
  return text;
}

std::map<std::string, std::string> left_out_by_every_way() {
  return {
      {"a weight while down is no share", "shunt does not ask Caddy for the health of its servers"},
      {"nobody usable is no share at all", "shunt does not ask Caddy for the health of its servers"},
      {"a colour lowered to nothing is still checked", "shunt does not ask Caddy for the health of its servers"},
      {"an idle server with weight and no process is seen", "shunt does not ask Caddy for the health of its servers"},
      {"raising lifts maintenance", "Caddy has no maintenance"},
      {"lowering leaves maintenance alone", "Caddy has no maintenance"}};
}

}  // namespace

AdminRelay::AdminRelay(std::filesystem::path at, std::filesystem::path to) : at_(std::move(at)), to_(std::move(to)) {
  listen();
}

void AdminRelay::listen() {
  peer_ = std::make_unique<Peer>(at_, [this](int connection) { pass_on(connection); });
}

void AdminRelay::make(ProxyTrouble trouble) {
  trouble_ = trouble;
  peer_.reset();
  if (trouble != ProxyTrouble::down) listen();
}

void AdminRelay::before_next_change(std::function<void()> act) {
  const std::lock_guard lock(mutex_);
  act_ = std::move(act);
}

void AdminRelay::pass_on(int connection) {
  const auto trouble = trouble_.load();
  const auto request = read_request(connection);
  if (trouble == ProxyTrouble::hang) {
    receive_all(connection);
    return;
  }
  if (trouble == ProxyTrouble::garbage) {
    send_all(connection, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>");
    return;
  }
  if (trouble == ProxyTrouble::late) std::this_thread::sleep_for(relay_lateness);
  if (is_change(request)) {
    ++changes_;
    const std::lock_guard lock(mutex_);
    if (const auto act = std::exchange(act_, nullptr)) act();
  }
  auto text = pass(to_, request);
  if (trouble == ProxyTrouble::half) text.resize(text.size() / 2);
  if (trouble == ProxyTrouble::lost_reply && loses_answer(request)) return;
  send_all(connection, text);
}

CaddyBench::CaddyBench(ProxySetup setup, bool by_file, harness::CaddyOptions more, const Value& keys)
    : setup_(setup), by_file_(by_file) {
  for (const Colour color : both_colours)
    for (int i = 0; i < setup_.servers[color]; ++i) {
      ports_[color].push_back(harness::free_port());
      servers_[color].push_back(std::make_unique<HeldServer>(ports_[color].back(), name_of_server(color, i)));
    }
  more.by_file = by_file;
  more.upstreams = ports_.blue;
  more.resume = setup_.is_persistent && !by_file;
  if (setup_.is_static) more.policy = R"({"policy": "least_conn"})";
  if (setup_.has_odd_names) more.id = "Sh\xc3\xa4r 'es' ;{}#%2F";
  if (setup_.has_odd_names) more.shares = "Sh\xc3\xa4r ';#%";
  caddy_ = std::make_unique<harness::Caddy>(folder_, more);
  relay_ = std::make_unique<AdminRelay>(folder_ / "relay.sock", caddy_->admin_socket());
  context_ = std::make_unique<BenchContext>(loop_, folder_.path());
  config_ = {{"admin", "unix/" + (folder_ / "relay.sock").string()},
             {"switch", by_file ? "file" : "api"},
             {"timeout", fmt::format("{}ms", timeout().count())}};
  if (by_file) {
    config_["folder"] = caddy_->shares().string();
    config_["service"] = "web";
    config_["reload"] = caddy_->reload_command();
  } else {
    config_["id"] = more.id;
  }
  config_.merge_patch(keys);
  proxy_ = make_proxy(config_);
  const auto applied = run(proxy_->apply(Weights(100, 0)));
  if (!applied) throw std::runtime_error(to_paragraph(applied.error()));
}

CaddyBench::~CaddyBench() {
  for (const int client : idle_) ::close(client);
}

std::string CaddyBench::name_of_server(Colour color, int index) {
  return fmt::format("{}{}", name_of(color), index);
}

PerColour<std::vector<std::string>> CaddyBench::addresses() const {
  PerColour<std::vector<std::string>> addresses;
  for (const Colour color : both_colours)
    for (const int port : ports_[color]) addresses[color].push_back(fmt::format("127.0.0.1:{}", port));
  return addresses;
}

std::unique_ptr<Proxy> CaddyBench::make_proxy(const Value& config) {
  const auto adapter = adapters::caddy_proxy();
  const auto valid = validate(adapter.info.schema, config, "proxy");
  if (!valid) throw std::runtime_error(to_paragraph(valid.error()));
  auto proxy = adapter.make(context_->context(), *valid);
  proxy->instances_at(addresses());
  return proxy;
}

void CaddyBench::set_healthy(Colour color, int server, bool healthy) {
  servers_[color].at(static_cast<std::size_t>(server))->set_listening(healthy);
}

void CaddyBench::set_weights(Weights weights) {
  if (by_file_) {
    for (const auto& file : std::filesystem::directory_iterator(caddy_->shares()))
      if (file.path().extension() != ".caddy") std::filesystem::remove(file.path());
    folder_.write("caddy/shares/web." + std::to_string(weights.green), "");
    return;
  }
  Value list = Value::array();
  const auto at = addresses();
  for (const Colour color : both_colours)
    for (const auto& address : at[color])
      for (int i = 0; i < weights[color]; ++i) list.push_back({{"dial", address}});
  caddy_->ask("PATCH", harness::Caddy::handler_path() + "/upstreams", list.dump());
}

std::shared_ptr<void> CaddyBench::hold(bool websocket) {
  const int client = connect_to(caddy_->port());
  const auto host = fmt::format("Host: 127.0.0.1:{}\r\n", caddy_->port());
  const auto request = websocket ? "GET /socket HTTP/1.1\r\n" + host +
                                       "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                                 : "GET /hold HTTP/1.1\r\n" + host + "\r\n";
  send_all(client, request);
  if (websocket) receive_until(client, "\r\n\r\n");
  idle_.push_back(client);
  return std::shared_ptr<void>(nullptr, [this](void*) {
    for (const Colour color : both_colours)
      for (const auto& server : servers_[color]) server->let_go();
  });
}

std::string CaddyBench::answer(const std::string& path) const {
  const auto answer = harness::http_get(caddy_->url(path));
  return answer.status == 200 ? answer.body : std::to_string(answer.status);
}

std::int64_t CaddyBench::now() const {
  return wall_clock_ms();
}

bool CaddyBench::eventually(const std::function<bool()>& condition) {
  return harness::eventually(std::chrono::seconds(10), condition);
}

ProxyEntry caddy_file_entry() {
  auto left_out = left_out_by_every_way();
  left_out["a lost reply is found by looking again"] = "a switch asks nobody";
  left_out["a restart is seen and forgets"] = "the share is a file: Caddy never forgets it";
  left_out["what cannot be shifted refuses and keeps serving"] = "shunt writes the routes, and their policy";
  return {"caddy", [](ProxySetup setup) { return std::make_unique<CaddyBench>(setup, true); }, left_out};
}

ProxyEntry caddy_api_entry() {
  auto left_out = left_out_by_every_way();
  left_out["requests and websockets are in flight"] = "a list without the colour has no counts of it";
  return {"caddy", [](ProxySetup setup) { return std::make_unique<CaddyBench>(setup, false); }, left_out};
}

}  // namespace shunt::conformance
