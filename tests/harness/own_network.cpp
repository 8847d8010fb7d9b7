#include "harness/own_network.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "harness/program.hpp"

namespace shunt::harness {

namespace {

[[noreturn]] void network_fails(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool has_children() {
  std::error_code ignored;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    std::string child;
    if (std::ifstream(thread.path() / "children") >> child) return true;
  }
  return false;
}

void raise_loopback() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::string("lo").copy(&request.ifr_name[0], IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  const bool done = fd >= 0 && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  if (!done) network_fails("cannot set up the loopback device of a test's own network");
}

void run_ip(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {"ip"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto ran = run({argv});
  if (ran.code() != 0) throw std::runtime_error("ip: " + ran.output());
}

// 198.18.0.0/15 is kept for tests of networks (RFC 2544): no real one has it.
int next_number() {
  static std::atomic<int> last = 0;
  return ++last % 256;
}

// Network devices with an address that starts so.
std::set<std::string> devices_with(const std::string& address) {
  std::set<std::string> names;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return names;
  for (const auto* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text.data(), text.size());
    if (std::string_view(text.data()).starts_with(address)) names.insert(one->ifa_name);
  }
  ::freeifaddrs(all);
  return names;
}

}  // namespace

void enter_own_network() {
  static std::mutex mutex;
  static int network = -1;
  const std::lock_guard guard(mutex);
  if (network >= 0) {
    if (::setns(network, CLONE_NEWNET) != 0) network_fails("cannot enter the test's own network");
    return;
  }
  if (has_children())
    throw std::logic_error(
        "what the test has started is in the machine's network: enter_own_network() comes before it");
  if (::unshare(CLONE_NEWNET) != 0) network_fails("cannot make a network of the test's own");
  raise_loopback();
  network = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (network < 0) network_fails("cannot open the test's own network");
}

AddressBlock::AddressBlock() : number_(next_number()) {}

AddressBlock::~AddressBlock() {
  for (const auto& device : devices_with(fmt::format("198.18.{}.", number_))) run({{"ip", "link", "delete", device}});
}

std::string AddressBlock::bridge() const {
  return fmt::format("shunt{}", number_);
}

std::string AddressBlock::gateway() const {
  return fmt::format("198.18.{}.1", number_);
}

std::string AddressBlock::network() const {
  return fmt::format("198.18.{}.0/26", number_);
}

std::string AddressBlock::others() const {
  return fmt::format("198.18.{}.128/25", number_);
}

void AddressBlock::make_bridge() const {
  run_ip({"link", "add", bridge(), "type", "bridge"});
  run_ip({"address", "add", gateway() + "/26", "dev", bridge()});
  run_ip({"link", "set", bridge(), "up"});
}

}  // namespace shunt::harness
