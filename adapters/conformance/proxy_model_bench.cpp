#include "adapters/conformance/proxy_model_bench.hpp"

#include <fmt/format.h>
#include <set>

#include "loop/sleep.hpp"
#include "model/proxy.hpp"

namespace shunt::conformance {

namespace {

using Trouble = model::ModelProxy::Trouble;

constexpr Milliseconds timeout_of_model{400};
constexpr Milliseconds check_delay{100};
constexpr Milliseconds real_pause{50};  ///< long enough to be cancelled in

class ModelBench : public ProxyBench {
 public:
  explicit ModelBench(ProxySetup setup) {
    std::vector<model::ProxyServer> servers;
    for (const Colour color : both_colours)
      for (int i = 0; i < setup.servers[color]; ++i) {
        servers.emplace_back();
        auto& server = servers.back();
        server.name = name_of_server(color, i);
        server.color = color;
        server.address = server.name;
        server.is_checked = setup.is_checked;
      }
    const auto is_healthy = [this](const std::string& address) { return !ill_.contains(address); };
    proxy_ = std::make_unique<model::ModelProxy>("model:shop", servers, is_healthy, [this] { return now_; });
    proxy_->delay_checks(check_delay);
    proxy_->persist(setup.is_persistent);
    proxy_->make_static(setup.is_static);
    proxy_->wait_with([this](Milliseconds duration) { return pass(duration); }, timeout_of_model);
    servers_ = setup.servers;
  }

  Proxy& proxy() override { return *proxy_; }
  Milliseconds timeout() const override { return timeout_of_model; }

  void make(ProxyTrouble trouble) override {
    switch (trouble) {
      case ProxyTrouble::none:
      case ProxyTrouble::late:
        return proxy_->make(Trouble::none);
      case ProxyTrouble::down:
        return proxy_->make(Trouble::down);
      case ProxyTrouble::hang:
        return proxy_->make(Trouble::hang);
      case ProxyTrouble::garbage:
        return proxy_->make(Trouble::garbage);
      case ProxyTrouble::half:
      case ProxyTrouble::lost_reply:
        return proxy_->make(Trouble::lost_reply);
    }
  }

  void set_healthy(Colour color, int server, bool healthy) override {
    if (healthy)
      ill_.erase(name_of_server(color, server));
    else
      ill_.insert(name_of_server(color, server));
  }

  void take_out(Colour color) override {
    for (int i = 0; i < servers_[color]; ++i) proxy_->set_maintenance(name_of_server(color, i), true);
  }

  void set_weights(Weights weights) override { proxy_->set_weights(weights); }
  void restart() override { proxy_->restart(); }

  std::shared_ptr<void> hold(bool) override {
    proxy_->set_in_flight(Colour::blue, 1);
    return std::shared_ptr<void>(nullptr, [this](void*) { proxy_->set_in_flight(Colour::blue, 0); });
  }

  std::int64_t now() const override { return now_; }

  bool eventually(const std::function<bool()>& condition) override {
    for (int passed = 0; passed < 10'000; passed += 10, now_ += 10)
      if (condition()) return true;
    return condition();
  }

 private:
  static std::string name_of_server(Colour color, int index) { return fmt::format("{}{}", name_of(color), index); }

  Task<void> pass(Milliseconds duration) {
    co_await loop::sleep(real_pause);
    now_ += duration.count();
  }

  std::int64_t now_ = 1'000'000;
  std::set<std::string> ill_;
  PerColour<int> servers_;
  std::unique_ptr<model::ModelProxy> proxy_;
};

}  // namespace

std::unique_ptr<ProxyBench> make_proxy_model_bench(ProxySetup setup) {
  return std::make_unique<ModelBench>(setup);
}

}  // namespace shunt::conformance
