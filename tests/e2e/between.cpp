#include "e2e/between.hpp"

#include <unistd.h>
#include <chrono>
#include <string>

#include "harness/eventually.hpp"

namespace shunt::e2e {

using namespace std::chrono_literals;
using namespace conformance;

Between::Between(std::filesystem::path socket, std::filesystem::path real)
    : real_(std::move(real)), peer_(std::make_unique<Peer>(socket, [this](int connection) { serve(connection); })) {}

Between::~Between() {
  heal();
  peer_.reset();
}

void Between::fail_with(Fault fault) {
  struck_ = false;
  fault_ = fault;
}

void Between::serve(int connection) {
  if (struck_ && fault_ == Fault::refuses) return;
  const auto line = receive_until(connection, "\n");
  const Fault fault = fault_;
  if (fault != Fault::none && line.starts_with("set ")) struck_ = true;
  const bool failing = struck_ && fault != Fault::none;
  if (failing && fault == Fault::refuses) return;
  if (failing && fault == Fault::hangs) {
    harness::eventually(8s, [&] { return fault_ != Fault::hangs; });
    return;
  }
  if (failing && fault == Fault::garbage) {
    send_all(connection, "<html><body>502 Bad Gateway</body></html>\n\n");
    return;
  }
  const int proxy = connect_to(real_);
  send_all(proxy, line);
  auto answer = receive_all(proxy);
  ::close(proxy);
  if (failing && fault == Fault::lost_reply) return;
  if (failing && fault == Fault::late) harness::eventually(3s, [&] { return fault_ != Fault::late; });
  if (failing && fault == Fault::half_answer) answer.resize(answer.size() / 2);
  send_all(connection, answer);
}

}  // namespace shunt::e2e
