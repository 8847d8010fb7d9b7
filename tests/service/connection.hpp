// One HTTP/1.1 connection to the shop.
#pragma once

#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "answers.hpp"

namespace shop {

class Connection;

/// The connections that are open, and whether new requests are still welcome.
struct Connections {
  Answers& answers;
  std::unordered_set<Connection*> open{};
  bool closing = false;

  /// Closes those that wait for a request, and each other one after the answer that it owes.
  void close();
};

/// Requests one after the other, keep-alive; bodies are read and ignored. It keeps itself alive through its handlers.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, Connections& all);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read();
  void close_if_idle();

 private:
  bool take_request();
  void answer(std::string_view target, bool keep_alive);
  void send();
  void upgrade();
  void echo();

  asio::ip::tcp::socket socket_;
  asio::steady_timer delay_;
  Connections& all_;
  Answer answer_;                   // to the request that is being answered
  std::string in_;                  // what has come and is not answered yet; empty while it waits for a request
  std::array<char, 4096> chunk_{};  // what comes next
  std::string out_;
  std::string accept_;  ///< of a websocket
  bool busy_ = false;   // a request has come that has not been answered
  bool last_ = false;   // close after the answer
};

}  // namespace shop
