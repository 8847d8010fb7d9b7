// A small HTTP server for tests that says exactly what it is told to say.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shunt/task.hpp"

namespace shunt::http {

/// Serves on a thread of its own until it is destroyed. `answer` gets each request whole and gives the bytes to send;
/// `hang` sends none and keeps the connection open; an answer that says "Connection: close", or is empty, is followed
/// by a close.
class Backend {
 public:
  using Answer = std::function<std::string(const std::string& request)>;
  static constexpr const char* hang = "(hang)";

  /// On a free port of 127.0.0.1.
  explicit Backend(Answer answer) : answer_(std::move(answer)) {
    asio::ip::tcp::acceptor acceptor(loop_, {asio::ip::address_v4::loopback(), 0});
    port_ = acceptor.local_endpoint().port();
    start(std::move(acceptor));
  }

  /// On a unix socket.
  Backend(const std::string& path, Answer answer) : answer_(std::move(answer)) {
    start(asio::local::stream_protocol::acceptor(loop_, asio::local::stream_protocol::endpoint(path)));
  }

  ~Backend() {
    loop_.stop();
    thread_.join();
  }
  Backend(const Backend&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(const std::string& path = "/") const { return "http://" + address() + path; }

  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  std::atomic<int> opened = 0;
  std::atomic<int> closed = 0;

 private:
  template <typename Acceptor>
  void start(Acceptor acceptor) {
    asio::co_spawn(loop_, accept(std::move(acceptor)), asio::detached);
    thread_ = std::thread([this] { loop_.run(); });
  }

  template <typename Acceptor>
  Task<void> accept(Acceptor acceptor) {
    for (;;) {
      auto peer = co_await acceptor.async_accept(asio::use_awaitable);
      ++opened;
      asio::co_spawn(loop_, serve(std::move(peer)), [this](const std::exception_ptr&) { ++closed; });
    }
  }

  template <typename Socket>
  Task<void> serve(Socket peer) {
    std::string buffer;
    for (;;) {
      auto size = co_await asio::async_read_until(peer, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::use_awaitable);
      const auto body = length_of(buffer.substr(0, size));
      if (buffer.size() < size + body) {
        const auto missing = size + body - buffer.size();
        co_await asio::async_read(peer, asio::dynamic_buffer(buffer), asio::transfer_exactly(missing),
                                  asio::use_awaitable);
      }
      auto reply = respond(buffer.substr(0, size + body));
      buffer.erase(0, size + body);
      if (reply == hang) continue;
      co_await asio::async_write(peer, asio::buffer(reply), asio::use_awaitable);
      if (reply.empty() || reply.find("Connection: close") != std::string::npos) co_return;
    }
  }

  std::string respond(const std::string& request) {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    return answer_(request);
  }

  static std::size_t length_of(const std::string& head) {
    const std::string key = "Content-Length: ";
    const auto at = head.find(key);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + key.size()));
  }

  asio::io_context loop_;
  Answer answer_;
  unsigned short port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// The bytes of an answer with that body.
inline std::string ok(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

}  // namespace shunt::http
