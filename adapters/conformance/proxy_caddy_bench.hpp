// A real Caddy for the suite and for tests of what only Caddy does.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "adapters/conformance/bench_context.hpp"
#include "adapters/conformance/held_server.hpp"
#include "adapters/conformance/peer.hpp"
#include "adapters/conformance/proxy_suite.hpp"
#include "harness/caddy.hpp"

namespace shunt::conformance {

/// Between the adapter and the admin API: passes a request on, or does what the trouble says.
class AdminRelay {
 public:
  AdminRelay(std::filesystem::path at, std::filesystem::path to);

  void make(ProxyTrouble trouble);
  int changes() const { return changes_; }  ///< requests that change the configuration, so far

  /// Before the next such request is passed on, `act` is done once.
  void before_next_change(std::function<void()> act);

 private:
  void listen();
  void pass_on(int connection);

  std::filesystem::path at_;
  std::filesystem::path to_;
  std::atomic<ProxyTrouble> trouble_{ProxyTrouble::none};
  std::atomic<int> changes_{0};
  std::mutex mutex_;
  std::function<void()> act_;
  std::unique_ptr<Peer> peer_;
};

class CaddyBench : public ProxyBench {
 public:
  /// `more` says what the suite has no words for; its mode, upstreams and names are the bench's.
  CaddyBench(ProxySetup setup, bool by_file, harness::CaddyOptions more = {}, const Value& keys = Value::object());
  ~CaddyBench() override;

  Proxy& proxy() override { return *proxy_; }
  Milliseconds timeout() const override { return Milliseconds(by_file_ ? 3'000 : 1'000); }
  bool knows_health() const override { return false; }
  int step() const override { return by_file_ ? 5 : 1; }
  void make(ProxyTrouble trouble) override { relay_->make(trouble); }
  void set_healthy(Colour color, int server, bool healthy) override;
  void take_out(Colour) override {}
  void set_weights(Weights weights) override;
  void restart() override { caddy_->restart(); }
  std::shared_ptr<void> hold(bool websocket) override;
  std::int64_t now() const override;
  bool eventually(const std::function<bool()>& condition) override;

  harness::Caddy& caddy() { return *caddy_; }
  AdminRelay& relay() { return *relay_; }
  const harness::TemporaryFolder& folder() const { return folder_; }
  Value config() const { return config_; }  ///< of the adapter, as in an app file

  /// An adapter of another configuration, which knows where the servers are.
  std::unique_ptr<Proxy> make_proxy(const Value& config);
  PerColour<std::vector<std::string>> addresses() const;

  /// Name of the server that answers through Caddy; the status where that is not 200.
  std::string answer(const std::string& path = "/") const;
  static std::string name_of_server(Colour color, int index);

 private:
  harness::TemporaryFolder folder_;
  ProxySetup setup_;
  bool by_file_;
  PerColour<std::vector<int>> ports_;
  PerColour<std::vector<std::unique_ptr<HeldServer>>> servers_;
  std::unique_ptr<harness::Caddy> caddy_;
  std::unique_ptr<AdminRelay> relay_;
  std::unique_ptr<BenchContext> context_;
  Value config_;
  std::unique_ptr<Proxy> proxy_;
  std::vector<int> idle_;
};

ProxyEntry caddy_file_entry();
ProxyEntry caddy_api_entry();

}  // namespace shunt::conformance
