// A client that stays: a websocket through a proxy.
#pragma once

#include <unistd.h>

#include <fmt/format.h>
#include <string>

#include "adapters/conformance/peer.hpp"

namespace shunt::e2e {

/// A websocket to the version that the proxy chooses; the shop sends back what it gets.
class Chat {
 public:
  explicit Chat(int port) : connection_(conformance::connect_to(port)) {
    conformance::send_all(
        connection_,
        fmt::format("GET /chat HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                    port));
    head_ = conformance::receive_until(connection_, "\r\n\r\n");
  }
  ~Chat() { ::close(connection_); }
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

  /// How the upgrade was answered.
  const std::string& head() const { return head_; }
  bool answers() const {
    conformance::send_all(connection_, "ping");
    return conformance::receive_some(connection_) == "ping";
  }

 private:
  int connection_;
  std::string head_;
};

}  // namespace shunt::e2e
