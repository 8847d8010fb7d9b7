#include "adapters/conformance/held_server.hpp"

#include <fmt/format.h>

namespace shunt::conformance {

HeldServer::HeldServer(int port, std::string name) : port_(port), name_(std::move(name)) {
  set_listening(true);
}

HeldServer::~HeldServer() {
  let_go();
  peer_.reset();
}

void HeldServer::set_listening(bool listening) {
  if (!listening) let_go();
  peer_.reset();
  if (listening) peer_ = std::make_unique<Peer>(port_, [this](int connection) { answer(connection); });
}

void HeldServer::let_go() {
  const std::lock_guard lock(mutex_);
  ++released_;
  changed_.notify_all();
}

void HeldServer::answer(int connection) {
  while (true) {
    const auto request = receive_until(connection, "\r\n\r\n");
    if (request.find("\r\n\r\n") == std::string::npos) return;
    const bool upgrades = request.find("pgrade: websocket") != std::string::npos;
    if (upgrades)
      send_all(connection,
               "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    if (upgrades || request.starts_with("GET /hold ")) {
      std::unique_lock lock(mutex_);
      const int before = released_;
      changed_.wait(lock, [&] { return released_ != before; });
    }
    if (upgrades) return;
    if (!send_all(connection, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", name_.size(), name_)))
      return;
  }
}

}  // namespace shunt::conformance
