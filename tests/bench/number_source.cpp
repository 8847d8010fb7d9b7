#include "bench/number_source.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace shunt::bench {

namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// A request whose length is told; "" when the peer left.
std::string read_request(int connection) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto head = text.find("\r\n\r\n");
    const auto length = text.find("Content-Length: ");
    if (head != std::string::npos && length < head && text.size() >= head + 4 + std::stoul(text.substr(length + 16)))
      return text;
    const auto got = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) return "";
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

bool asks_age(const std::string& request) {
  return request.find("timestamp") != std::string::npos;
}

}  // namespace

NumberSource::NumberSource() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0) fail("cannot listen on 127.0.0.1");
  if (::getsockname(listener_, generic, &size) != 0) fail("cannot learn a port");
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] { serve(); });
}

NumberSource::~NumberSource() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
}

std::string NumberSource::url() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

void NumberSource::calm() {
  const std::lock_guard guard(mutex_);
  flip_at_ = Clock::time_point::max();
  breaching_ = false;
  readings_ = 0;
  told_.reset();
}

void NumberSource::flip(Clock::time_point at) {
  const std::lock_guard guard(mutex_);
  flip_at_ = at;
}

bool NumberSource::asked(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return readings_ > 0; });
}

std::optional<Clock::time_point> NumberSource::told(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return told_.has_value(); });
  return told_;
}

void NumberSource::serve() {
  for (int connection = 0; (connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    answer(connection);
    ::close(connection);
  }
}

void NumberSource::answer(int connection) {
  const auto request = read_request(connection);
  if (request.empty()) return;
  const auto body = fmt::format(R"({{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},)"
                                R"("value":[{:.3f},"{}"]}}]}}}})",
                                unix_seconds(), value_for(request));
  const auto text = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
      body.size(), body);
  ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
  sent(asks_age(request));
}

std::string NumberSource::value_for(const std::string& request) {
  if (asks_age(request)) return fmt::format("{:.3f}", unix_seconds());
  const std::lock_guard guard(mutex_);
  breaching_ = Clock::now() >= flip_at_;
  return breaching_ ? "1" : "0";
}

void NumberSource::sent(bool is_age) {
  const std::lock_guard guard(mutex_);
  if (!is_age) return;
  ++readings_;
  if (breaching_ && !told_) told_ = Clock::now();
  changed_.notify_all();
}

}  // namespace shunt::bench
