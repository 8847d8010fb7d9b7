// A real HAProxy with a relay before its runtime socket, for the suite and for tests of what only HAProxy does.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "adapters/conformance/bench_context.hpp"
#include "adapters/conformance/held_server.hpp"
#include "adapters/conformance/peer.hpp"
#include "adapters/conformance/proxy_suite.hpp"
#include "harness/haproxy.hpp"

namespace shunt::conformance {

/// Passes what the adapter says on to HAProxy, or does not.
class Relay {
 public:
  Relay(std::filesystem::path at, std::filesystem::path to);

  void make(ProxyTrouble trouble);
  int connections() const { return connections_; }  ///< since it was made

 private:
  void listen();
  void pass_on(int connection);

  std::filesystem::path at_;
  std::filesystem::path to_;
  std::atomic<ProxyTrouble> trouble_ = ProxyTrouble::none;
  std::atomic<int> connections_ = 0;
  std::unique_ptr<Peer> peer_;
};

class HaproxyBench : public ProxyBench {
 public:
  explicit HaproxyBench(ProxySetup setup, const harness::HaproxyOptions& more = {});
  ~HaproxyBench() override;

  Proxy& proxy() override { return *proxy_; }
  Milliseconds timeout() const override { return Milliseconds(600); }
  void make(ProxyTrouble trouble) override { relay_->make(trouble); }
  void set_healthy(Colour color, int server, bool healthy) override;
  void take_out(Colour color) override;
  void set_weights(Weights weights) override;
  void restart() override { haproxy_->restart(); }
  std::shared_ptr<void> hold(bool websocket) override;
  std::int64_t now() const override;
  bool eventually(const std::function<bool()>& condition) override;

  harness::Haproxy& haproxy() { return *haproxy_; }
  Relay& relay() { return *relay_; }
  const harness::TemporaryFolder& folder() const { return folder_; }
  Value config() const { return config_; }  ///< of the adapter, as in an app file

  /// An adapter of another configuration.
  std::unique_ptr<Proxy> make_proxy(const Value& config);

  /// Tells HAProxy something behind the adapter's back; its words.
  std::string tell(const std::string& command) { return haproxy_->command(command); }
  std::string name_of_server(Colour color, int index) const;
  const std::string& backend() const { return backend_; }

 private:
  harness::TemporaryFolder folder_;
  ProxySetup setup_;
  std::string backend_;
  PerColour<std::vector<std::unique_ptr<HeldServer>>> servers_;
  std::unique_ptr<harness::Haproxy> haproxy_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<BenchContext> context_;
  Value config_;
  std::vector<int> idle_;  ///< connections of clients, kept open
  std::unique_ptr<Proxy> proxy_;
};

std::unique_ptr<ProxyBench> make_haproxy_bench(ProxySetup setup);

}  // namespace shunt::conformance
