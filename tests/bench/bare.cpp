#include "bench/bare.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <sstream>
#include <stdexcept>

#include "bench/numbers.hpp"

namespace shunt::bench {

namespace {

constexpr const char* look = "show servers state shop";

// be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight ...
std::map<std::string, int> weights_in(const std::string& answer) {
  std::map<std::string, int> weights;
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string backend, id, name, skipped;
    int weight = 0;
    if (columns >> id >> backend >> id >> name >> skipped >> skipped >> skipped >> weight && backend == "shop")
      weights[name] = weight;
  }
  return weights;
}

void set(const harness::Haproxy& proxy, const std::string& server, int weight) {
  const auto answer = proxy.command(fmt::format("set server shop/{} weight {};{}", server, weight, look));
  if (weights_in(answer)[server] != weight) throw std::runtime_error("HAProxy did not set a weight: " + answer);
}

}  // namespace

std::map<std::string, int> weights_of(const harness::Haproxy& proxy) {
  return weights_in(proxy.command(look));
}

double switch_by_hand(const harness::Haproxy& proxy, const std::string& raised, const std::string& lowered) {
  const auto begin = Clock::now();
  set(proxy, raised, 100);
  set(proxy, lowered, 0);
  return ms_between(begin, Clock::now());
}

double write_and_sync(const std::filesystem::path& file) {
  const std::string page(4'096, 'x');
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const auto begin = Clock::now();
  const bool done = ::write(descriptor, page.data(), page.size()) == static_cast<ssize_t>(page.size()) &&
                    ::fdatasync(descriptor) == 0;
  const auto end = Clock::now();
  ::close(descriptor);
  if (!done) throw std::runtime_error("cannot write to " + file.string());
  return ms_between(begin, end);
}

}  // namespace shunt::bench
