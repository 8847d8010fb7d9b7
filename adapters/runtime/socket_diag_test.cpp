#include "adapters/runtime/socket_diag.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace shunt::adapters::listening {

namespace {

// A socket of 127.0.0.1 that listens, or that is only bound.
class Bound {
 public:
  explicit Bound(bool listens) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(descriptor_, generic, size) == 0);
    if (listens) REQUIRE(::listen(descriptor_, 1) == 0);
    REQUIRE(::getsockname(descriptor_, generic, &size) == 0);
    port = ntohs(address.sin_port);
    struct stat about {};
    REQUIRE(::fstat(descriptor_, &about) == 0);
    inode = about.st_ino;
  }
  ~Bound() { ::close(descriptor_); }
  Bound(const Bound&) = delete;
  Bound& operator=(const Bound&) = delete;

  int port = 0;
  std::uint64_t inode = 0;

 private:
  int descriptor_;
};

}  // namespace

TEST_CASE("the kernel names a socket that listens, and none that does not") {
  const Bound listening(true);
  const Bound idle(false);
  const auto sockets = listening_sockets();
  if (!sockets) {
    MESSAGE("this kernel does not answer sock_diag");
    return;
  }
  const auto find = [&](const Bound& bound) {
    return std::find_if(sockets->begin(), sockets->end(), [&](const auto& one) { return one.inode == bound.inode; });
  };
  const auto found = find(listening);
  REQUIRE(found != sockets->end());
  CHECK(found->port == listening.port);
  CHECK(found->user == ::getuid());
  CHECK(answers_at(*found, endpoint_in("127.0.0.1:" + std::to_string(listening.port)).value()));
  CHECK_FALSE(answers_at(*found, endpoint_in("127.0.0.2:" + std::to_string(listening.port)).value()));
  CHECK(find(idle) == sockets->end());
}

}  // namespace shunt::adapters::listening
