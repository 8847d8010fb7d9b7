#include "model/proxy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <utility>

namespace shunt::model {

namespace {

constexpr int full = 100;

Error unreachable(const std::string& target) {
  Error error("SH1501", Kind::adapter, fmt::format("cannot reach the proxy {}", target), "check that it runs");
  error.retryable = true;
  return error;
}

Error silent(const std::string& target, Milliseconds timeout) {
  Error error("SH1502", Kind::timeout, fmt::format("the proxy {} did not answer within {}", target, to_text(timeout)),
              "look whether it hangs");
  error.retryable = true;
  return error;
}

Error garbled(const std::string& target, bool was_cut) {
  Error error("SH1503", Kind::adapter, fmt::format("the answer of the proxy {} cannot be understood", target),
              "look at what answers there");
  error.retryable = was_cut;
  return std::move(error).with({{"text", was_cut ? "" : "garbage"}});
}

Error only_all_or_nothing(const std::string& target) {
  return Error("SH1505", Kind::config, fmt::format("the proxy {} takes no other weights than 0 and 100", target),
               "use an algorithm that can be shifted");
}

}  // namespace

ModelProxy::ModelProxy(std::string target, std::vector<ProxyServer> servers,
                       std::function<bool(const std::string& address)> is_healthy, std::function<std::int64_t()> now)
    : target_(std::move(target)), is_healthy_(std::move(is_healthy)), now_(std::move(now)), started_(now_()) {
  for (auto& line : servers) {
    servers_.emplace_back();
    servers_.back().line = std::move(line);
  }
}

void ModelProxy::wait_with(std::function<Task<void>(Milliseconds)> wait, Milliseconds timeout) {
  wait_ = std::move(wait);
  timeout_ = timeout;
}

void ModelProxy::look() {
  const auto now = now_();
  for (auto& server : servers_) {
    if (!server.line.is_checked || server.in_maintenance) continue;
    if (is_healthy_(server.line.address) == server.is_up) {
      server.differs_since = -1;
      continue;
    }
    if (server.differs_since < 0) server.differs_since = now;
    if (now - server.differs_since < check_delay_.count()) continue;
    server.is_up = !server.is_up;
    server.differs_since = -1;
  }
}

void ModelProxy::set_maintenance(const std::string& name, bool out) {
  look();
  for (auto& server : servers_) {
    if (server.line.name != name || server.in_maintenance == out) continue;
    server.in_maintenance = out;
    server.is_up = true;
    server.differs_since = -1;
  }
}

void ModelProxy::restart() {
  const bool remembers = is_persistent_ && has_persisted_;
  weights_ = remembers ? persisted_ : configured_;
  for (auto& server : servers_) {
    server.in_maintenance = remembers && persisted_maintenance_[server.line.name];
    server.is_up = true;
    server.differs_since = -1;
  }
  started_ = std::max(now_(), started_ + 1);
}

bool ModelProxy::is_usable(const Server& server) const {
  return !server.in_maintenance && !server.line.is_backup && (server.is_up || !server.line.is_checked);
}

bool ModelProxy::is_out(Colour color) const {
  return std::all_of(servers_.begin(), servers_.end(),
                     [&](const Server& server) { return server.line.color != color || server.in_maintenance; });
}

void ModelProxy::lift(Colour color) {
  for (const auto& server : servers_)
    if (server.line.color == color) set_maintenance(server.line.name, false);
}

/// A colour's weight is divided among its servers, and those that are not usable lose their part.
Weights ModelProxy::shares(const PerColour<int>& usable) const {
  PerColour<double> parts;
  for (const Colour color : both_colours) {
    const auto count = std::count_if(servers_.begin(), servers_.end(),
                                     [&](const Server& server) { return server.line.color == color; });
    if (count > 0) parts[color] = double(weights_[color]) * usable[color] / double(count);
  }
  Weights shares;
  const double sum = parts.blue + parts.green;
  if (sum <= 0) return shares;
  const auto green = static_cast<int>(std::lround(full * parts.green / sum));
  shares.green = parts.green <= 0 ? 0 : parts.blue <= 0 ? full : std::clamp(green, 1, full - 1);
  shares.blue = full - shares.green;
  return shares;
}

/// What keeps a request from being done.
Task<Result<void>> ModelProxy::trouble() {
  if (trouble_ == Trouble::down) co_return unreachable(target_);
  if (trouble_ == Trouble::garbage) co_return garbled(target_, false);
  if (trouble_ == Trouble::hang) {
    if (wait_) co_await wait_(timeout_);
    co_return silent(target_, timeout_);
  }
  co_return Result<void>();
}

Task<Result<ProxyView>> ModelProxy::observe() {
  auto well = co_await trouble();
  if (!well) co_return std::move(well).error();
  if (trouble_ == Trouble::lost_reply) co_return garbled(target_, true);
  auto seen = view();
  co_return seen;
}

ProxyView ModelProxy::view() {
  look();
  ProxyView view;
  view.weights = weights_;
  view.in_flight = in_flight_;
  view.started = started_;
  view.shiftable = !is_static_;
  view.sticky = is_sticky_;
  if (is_static_) view.note = "it takes no other weights than 0 and 100";
  for (const auto& server : servers_) {
    ServerView seen;
    seen.name = server.line.name;
    seen.color = server.line.color;
    seen.address = server.line.address;
    seen.state = server.in_maintenance ? "maint" : !server.line.is_checked ? "unchecked" : server.is_up ? "up" : "down";
    seen.weight = weights_[server.line.color];
    seen.usable = is_usable(server);
    view.servers.push_back(std::move(seen));
  }
  view.usable = usable();
  view.effective = shares(view.usable);
  return view;
}

PerColour<int> ModelProxy::usable() const {
  PerColour<int> count{0, 0};
  for (const auto& server : servers_)
    if (is_usable(server)) ++count[server.line.color];
  return count;
}

Weights ModelProxy::effective() {
  look();
  return shares(usable());
}

Task<Result<void>> ModelProxy::apply(Weights weights) {
  auto well = co_await trouble();
  if (!well) co_return std::move(well).error();
  look();
  for (const bool raising : {true, false}) {
    for (const Colour color : both_colours) {
      const int now = weights_[color];
      if ((weights[color] >= now) != raising) continue;
      if (is_static_ && weights[color] != now && weights[color] != 0 && weights[color] != full)
        co_return only_all_or_nothing(target_);
      if (weights[color] > now || (weights[color] > 0 && is_out(color))) lift(color);
      weights_[color] = weights[color];
    }
  }
  remember();
  if (trouble_ == Trouble::lost_reply) co_return garbled(target_, true);
  co_return Result<void>();
}

Task<Result<void>> ModelProxy::close(Colour color) {
  auto well = co_await trouble();
  if (!well) co_return std::move(well).error();
  if (weights_[color] > 0)
    co_return Error("SH1506", Kind::adapter,
                    fmt::format("{} has a weight of {}, so it is not closed", name_of(color), weights_[color]),
                    "send its traffic elsewhere first");
  for (const auto& server : servers_)
    if (server.line.color == color) set_maintenance(server.line.name, true);
  remember();
  if (trouble_ == Trouble::lost_reply) co_return garbled(target_, true);
  co_return Result<void>();
}

void ModelProxy::remember() {
  if (!is_persistent_) return;
  has_persisted_ = true;
  persisted_ = weights_;
  for (const auto& server : servers_) persisted_maintenance_[server.line.name] = server.in_maintenance;
}

}  // namespace shunt::model
