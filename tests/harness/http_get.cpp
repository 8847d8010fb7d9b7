#include "harness/http_get.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace shunt::harness {

namespace {

using Clock = std::chrono::steady_clock;

// A connection that gives up at `end`; every failure is a std::runtime_error with what was being done.
class Connection {
 public:
  Connection(int port, Clock::time_point end) : end_(end), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval most = {60, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      const int error = errno;
      ::close(fd_);
      throw std::runtime_error(std::string("connect: ") + std::strerror(error));
    }
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0) throw std::runtime_error(std::string("send: ") + std::strerror(errno));
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Appends what has come; false when the peer has closed.
  bool receive(std::string& text) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
    pollfd readable{fd_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) == 0)
      throw std::runtime_error("timeout");
    std::array<char, 16384> buffer{};
    const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got < 0) throw std::runtime_error(std::string("receive: ") + std::strerror(errno));
    text.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

 private:
  Clock::time_point end_;
  int fd_;
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

void parse_head(std::string_view head, HttpAnswer& answer) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12) throw std::runtime_error("this is no HTTP answer");
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  for (auto start = head.find("\r\n"); start != std::string_view::npos; start = head.find("\r\n", start + 2)) {
    const auto line = head.substr(start + 2, head.find("\r\n", start + 2) - start - 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto value = line.find_first_not_of(' ', colon + 1);
    answer.headers[lower(line.substr(0, colon))] = value == std::string_view::npos ? "" : line.substr(value);
  }
}

// The parts of a chunked body (RFC 9112, 7.1) put together; false while the last one is missing.
bool join_chunks(std::string_view raw, std::string& body) {
  body.clear();
  while (true) {
    const auto line = raw.find("\r\n");
    if (line == std::string_view::npos) return false;
    std::size_t size = 0;
    if (std::from_chars(raw.data(), raw.data() + line, size, 16).ec != std::errc())
      throw std::runtime_error("a chunk without a size");
    if (size == 0) return true;
    if (raw.size() < line + 2 + size + 2) return false;
    body.append(raw.substr(line + 2, size));
    raw.remove_prefix(line + 2 + size + 2);
  }
}

void read_answer(Connection& connection, HttpAnswer& answer) {
  std::string text;
  std::size_t head = std::string::npos;
  while ((head = text.find("\r\n\r\n")) == std::string::npos)
    if (!connection.receive(text)) throw std::runtime_error("closed before an answer came");
  parse_head(std::string_view(text).substr(0, head), answer);
  std::string raw = text.substr(head + 4);
  const bool chunked = answer.header("transfer-encoding") == "chunked";
  const auto length = answer.headers.find("content-length");
  const auto complete = [&] {
    if (chunked) return join_chunks(raw, answer.body);
    return length != answer.headers.end() && raw.size() >= std::stoul(length->second);
  };
  while (!complete()) {
    if (connection.receive(raw)) continue;
    if (chunked || length != answer.headers.end()) throw std::runtime_error("closed in the middle of an answer");
    break;
  }
  if (!chunked) answer.body = raw;
}

}  // namespace

std::string HttpAnswer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

HttpAnswer http_get(int port, const std::string& path, const HttpHeaders& headers, std::chrono::milliseconds timeout) {
  std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n";
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  request += headers.contains("Connection") ? "\r\n" : "Connection: close\r\n\r\n";
  HttpAnswer answer;
  try {
    Connection connection(port, Clock::now() + timeout);
    connection.send(request);
    read_answer(connection, answer);
  } catch (const std::exception& problem) {
    answer.status = 0;
    answer.error = problem.what();
  }
  return answer;
}

HttpAnswer http_get(const std::string& url, const HttpHeaders& headers, std::chrono::milliseconds timeout) {
  constexpr std::string_view start = "http://127.0.0.1:";
  const auto slash = url.find('/', start.size());
  const auto port_end = slash == std::string::npos ? url.size() : slash;
  int port = 0;
  if (!url.starts_with(start) ||
      std::from_chars(url.data() + start.size(), url.data() + port_end, port).ptr != url.data() + port_end)
    throw std::invalid_argument("not a URL of this machine: " + url);
  return http_get(port, slash == std::string::npos ? "/" : url.substr(slash), headers, timeout);
}

}  // namespace shunt::harness
