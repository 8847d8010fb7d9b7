// The other side of a connection, said line by line in a test: a server that hangs, lies or answers half.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace shunt::conformance {

/// Listens on 127.0.0.1 or at a unix socket, and gives each connection to a function on a thread of its own, which
/// closes nothing: the connection is closed when the function returns. Its end shuts all connections down and joins
/// everything.
class Peer {
 public:
  using Handler = std::function<void(int connection)>;

  Peer(int port, Handler handler);
  Peer(const std::filesystem::path& socket, Handler handler);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

 private:
  void serve();
  void handle(int connection) const;

  int listener_;
  std::filesystem::path socket_;
  Handler handler_;
  std::mutex mutex_;
  bool ending_ = false;
  std::map<int, std::thread> connections_;
  std::thread acceptor_;
};

/// A listening socket that accepts nobody, and whose backlog is full from the first connection on.
class FullBacklog {
 public:
  explicit FullBacklog(const std::filesystem::path& socket);
  ~FullBacklog();
  FullBacklog(const FullBacklog&) = delete;
  FullBacklog& operator=(const FullBacklog&) = delete;

 private:
  int listener_;
  int waiting_;
};

/// What has come until `end` was seen, the peer closed, or 10 s passed.
std::string receive_until(int connection, const std::string& end);
std::string receive_all(int connection);
/// What comes next, at least a byte; "" when the peer closed or 10 s passed.
std::string receive_some(int connection);
/// False when the peer is gone.
bool send_all(int connection, const std::string& text);

/// Descriptors of new connections. Throw std::runtime_error.
int connect_to(int port);
int connect_to(const std::filesystem::path& socket);

}  // namespace shunt::conformance
