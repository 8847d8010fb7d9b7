#include "harness/http_get.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>
#include <utility>

#include "harness/ports.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

namespace {

// Answers one request with `text`, then closes.
class Peer {
 public:
  explicit Peer(std::string text) : port(free_port()), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::listen(listener_, 1);
    thread_ = std::thread([this, answer = std::move(text)] {
      const int fd = ::accept(listener_, nullptr, nullptr);
      std::array<char, 4096> request{};
      ::recv(fd, request.data(), request.size(), 0);
      ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(fd);
    });
  }
  ~Peer() {
    thread_.join();
    ::close(listener_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const int port;

 private:
  int listener_;
  std::thread thread_;
};

HttpAnswer answer_to(const std::string& text) {
  const Peer peer(text);
  return http_get(peer.port, "/");
}

}  // namespace

TEST_CASE("status, headers and body are read") {
  const auto answer = answer_to("HTTP/1.1 418 Teapot\r\nX-Version:  v2\r\nContent-Length: 5\r\n\r\nshort and more");
  CHECK(answer.status == 418);
  CHECK(answer.header("x-version") == "v2");
  CHECK(answer.header("x-other") == "");
  CHECK(answer.error == "");
}

TEST_CASE("bodies end with their length, their last chunk, or the connection") {
  CHECK(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody").body == "body");
  CHECK(answer_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\n\r\n").body ==
        "body");
  CHECK(answer_to("HTTP/1.1 200 OK\r\n\r\nbody").body == "body");
}

TEST_CASE("no answer is status 0 and a reason") {
  CHECK(http_get(free_port(), "/").error == "connect: Connection refused");
  CHECK(answer_to("").error == "closed before an answer came");
  CHECK(answer_to("SSH-2.0\r\n\r\n").error == "this is no HTTP answer");
  CHECK(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody").error == "closed in the middle of an answer");
  CHECK(answer_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").error == "a chunk without a size");
  CHECK(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody").status == 0);
}

TEST_CASE("URLs of other machines are refused") {
  CHECK_THROWS_AS(http_get("http://192.0.2.1:80/"), std::invalid_argument);
  CHECK_THROWS_AS(http_get("http://127.0.0.1:port/"), std::invalid_argument);
  CHECK(http_get("http://127.0.0.1:" + std::to_string(free_port())).error == "connect: Connection refused");
}
