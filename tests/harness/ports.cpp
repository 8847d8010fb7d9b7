#include "harness/ports.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

namespace shunt::harness {

namespace {

constexpr int first_port = 10240;
constexpr int last_port = 32000;  // Linux gives ephemeral ports from 32768 on

bool bindable(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_ANY);  // any address: a listener on another one would be in the way too
  const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return free;
}

// One file for all test processes of a user; the byte at PORT is locked by whoever was given PORT, until it ends.
int claims_file() {
  const auto path = "/tmp/shunt-test-ports." + std::to_string(::getuid());
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot open " + path);
  return fd;
}

bool claim(int port) {
  static const int file = claims_file();
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = port;
  lock.l_len = 1;
  return ::fcntl(file, F_OFD_SETLK, &lock) == 0;
}

}  // namespace

int free_port() {
  static std::mutex mutex;
  static std::set<int> given;
  static std::mt19937 random{std::random_device{}()};
  const std::lock_guard guard(mutex);
  std::uniform_int_distribution<int> pick(first_port, last_port);
  for (int attempt = 0; attempt < 10000; ++attempt) {
    const int port = pick(random);
    if (!given.contains(port) && claim(port) && bindable(port)) {
      given.insert(port);
      return port;
    }
  }
  throw std::runtime_error("found no free port between 10240 and 32000");
}

std::vector<int> free_ports(int count) {
  std::vector<int> ports;
  for (int i = 0; i < count; ++i) ports.push_back(free_port());
  return ports;
}

}  // namespace shunt::harness
