#include "adapters/conformance/peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace shunt::conformance {

namespace {

constexpr timeval patience = {10, 0};

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_un address_of(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.string().size() >= sizeof address.sun_path)
    throw std::runtime_error("the path is too long: " + socket.string());
  socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

template <typename Address>
int listen_at(const Address& address, int family, int backlog) {
  const int listener = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(listener, backlog) == 0)
    return listener;
  ::close(listener);
  throw std::runtime_error("cannot listen");
}

template <typename Address>
int connect_at(const Address& address, int family) {
  const int connection = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return connection;
  ::close(connection);
  throw std::runtime_error("cannot connect");
}

}  // namespace

Peer::Peer(int port, Handler handler)
    : listener_(listen_at(address_of(port), AF_INET, 64)), handler_(std::move(handler)) {
  acceptor_ = std::thread([this] { serve(); });
}

Peer::Peer(const std::filesystem::path& socket, Handler handler)
    : listener_(listen_at(address_of(socket), AF_UNIX, 64)), socket_(socket), handler_(std::move(handler)) {
  acceptor_ = std::thread([this] { serve(); });
}

Peer::~Peer() {
  std::map<int, std::thread> connections;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    for (const auto& [connection, thread] : connections_) ::shutdown(connection, SHUT_RDWR);
  }
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    connections.swap(connections_);
  }
  for (auto& [connection, thread] : connections) {
    thread.join();
    ::close(connection);
  }
  ::close(listener_);
  if (!socket_.empty()) ::unlink(socket_.c_str());
}

void Peer::serve() {
  while (true) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (connection < 0 || ending_) {
      if (connection >= 0) ::close(connection);
      return;
    }
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    // The descriptor stays open until the thread is joined, so that its number is not given to a second connection.
    connections_.emplace(connection, std::thread([this, connection] { handle(connection); }));
  }
}

/// A handler that cannot reach what it relays to throws: then its peer gets no answer.
void Peer::handle(int connection) const {
  try {
    handler_(connection);
  } catch (const std::runtime_error&) {
  }
  ::shutdown(connection, SHUT_RDWR);
}

FullBacklog::FullBacklog(const std::filesystem::path& socket)
    : listener_(listen_at(address_of(socket), AF_UNIX, 0)), waiting_(connect_to(socket)) {}

FullBacklog::~FullBacklog() {
  ::close(waiting_);
  ::close(listener_);
}

std::string receive_some(int connection) {
  std::array<char, 65536> buffer{};
  const auto got = ::recv(connection, buffer.data(), buffer.size(), 0);
  return got <= 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(got));
}

std::string receive_until(int connection, const std::string& end) {
  std::string text;
  while (end.empty() || text.find(end) == std::string::npos) {
    const auto more = receive_some(connection);
    if (more.empty()) break;
    text += more;
  }
  return text;
}

std::string receive_all(int connection) {
  return receive_until(connection, "");
}

bool send_all(int connection, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const auto wrote = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (wrote <= 0) return false;
    sent += static_cast<std::size_t>(wrote);
  }
  return true;
}

int connect_to(int port) {
  return connect_at(address_of(port), AF_INET);
}
int connect_to(const std::filesystem::path& socket) {
  return connect_at(address_of(socket), AF_UNIX);
}

}  // namespace shunt::conformance
