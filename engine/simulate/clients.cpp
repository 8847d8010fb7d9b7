#include "simulate/clients.hpp"

namespace shunt::simulate {

namespace {

constexpr std::int64_t requests_per_second = 100;

}  // namespace

Clients::Clients(model::Machine& machine, const Deployment& deployment)
    : machine_(&machine), deployment_(&deployment), since_(machine.clock.now()) {
  for (const auto& [service, proxy] : machine_->proxies) lines_[service];
  look();
}

void Clients::pass() {
  const auto now = machine_->clock.now();
  const auto elapsed = now - since_;
  since_ = now;
  if (elapsed <= 0) return;
  for (auto& [service, line] : lines_) {
    if (deployment_->first && line.shares.blue + line.shares.green == 0 && line.last.blue + line.last.green == 0)
      continue;
    const auto thousandths = elapsed * requests_per_second + line.remainder;
    const auto sent = thousandths / 1000;
    line.remainder = thousandths % 1000;
    requests_ += sent;
    if (line.shares.blue + line.shares.green == 0) failed_ += sent;
    for (const auto colour : both_colours) {
      if (line.shares[colour] == 0) continue;
      line.last[colour] = now;
      line.last_share[colour] = line.shares[colour];
      if (!line.answers[colour]) failed_ += (sent * line.shares[colour] + 99) / 100;
    }
  }
}

void Clients::look() {
  for (auto& [service, line] : lines_) {
    line.shares = machine_->effective(service);
    for (const auto colour : both_colours) line.answers[colour] = machine_->is_ready(service, colour);
  }
}

int Clients::in_flight(const std::string& service, Colour colour) {
  const auto found = lines_.find(service);
  if (found == lines_.end()) return 0;
  const auto& line = found->second;
  const bool asked_lately = line.shares[colour] > 0 || machine_->clock.now() - line.last[colour] < takes.count();
  const int share = line.shares[colour] > 0 ? line.shares[colour] : line.last_share[colour];
  if (!asked_lately || share == 0 || !line.answers[colour]) return 0;
  const auto busy = requests_per_second * takes.count() * share / 100'000;
  return static_cast<int>(std::max<std::int64_t>(busy, 1));
}

void Clients::cut_off(const std::string& service, Colour colour) {
  failed_ += in_flight(service, colour);
}

}  // namespace shunt::simulate
