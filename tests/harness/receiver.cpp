#include "harness/receiver.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <sstream>
#include <system_error>

namespace shunt::harness {

namespace {

Received parsed(const std::string& head) {
  Received request;
  std::istringstream lines(head);
  std::string line;
  std::getline(lines, line);
  std::istringstream(line) >> request.method >> request.path;
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto colon = line.find(": ");
    if (colon == std::string::npos) continue;
    auto name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers[name] = line.substr(colon + 2);
  }
  return request;
}

// False when the peer left before its request was whole.
bool read_request(int connection, Received& request) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto head = text.find("\r\n\r\n");
    if (head != std::string::npos) {
      request = parsed(text.substr(0, head));
      const auto length = request.header("content-length");
      request.body = text.substr(head + 4);
      if (request.body.size() >= (length.empty() ? 0 : std::stoul(length))) return true;
    }
    const auto got = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string Received::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Receiver::Receiver(int port) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 16) != 0)
    throw std::system_error(errno, std::generic_category(), fmt::format("cannot listen on port {}", port));
  thread_ = std::jthread([this] { serve(); });
}

Receiver::~Receiver() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
  for (const int connection : held_) ::close(connection);
}

void Receiver::answer(int status, std::string header_lines, std::string body) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  header_lines_ = std::move(header_lines);
  body_ = std::move(body);
}

void Receiver::hang() {
  answer(0);
}

std::vector<Received> Receiver::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void Receiver::serve() {
  for (;;) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    const timeval patience = {10, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    handle(connection);
  }
}

void Receiver::handle(int connection) {
  Received request;
  std::string answer;
  if (read_request(connection, request)) {
    const std::lock_guard lock(mutex_);
    received_.push_back(std::move(request));
    if (status_ == 0) {
      held_.push_back(connection);
      return;
    }
    answer = fmt::format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status_,
                         body_.size(), header_lines_, body_);
  }
  static_cast<void>(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL));
  ::close(connection);
}

}  // namespace shunt::harness
