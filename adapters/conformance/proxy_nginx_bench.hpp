// A real nginx for the suite and for tests of what only nginx does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/conformance/bench_context.hpp"
#include "adapters/conformance/held_server.hpp"
#include "adapters/conformance/proxy_suite.hpp"
#include "harness/nginx.hpp"

namespace shunt::conformance {

class NginxBench : public ProxyBench {
 public:
  /// `more` says what the suite has no words for; its upstream, mode and folder of the link are the bench's.
  NginxBench(ProxySetup setup, bool by_link, harness::NginxOptions more = {});

  Proxy& proxy() override { return *proxy_; }
  Milliseconds timeout() const override { return Milliseconds(10'000); }
  bool knows_health() const override { return false; }
  bool counts_in_flight() const override { return false; }
  void make(ProxyTrouble trouble) override;
  void set_healthy(Colour color, int server, bool healthy) override;
  void take_out(Colour color) override;
  void set_weights(Weights weights) override;
  void restart() override { nginx_->restart(); }
  std::shared_ptr<void> hold(bool websocket) override;
  std::int64_t now() const override;
  bool eventually(const std::function<bool()>& condition) override;

  harness::Nginx& nginx() { return *nginx_; }
  const harness::TemporaryFolder& folder() const { return folder_; }
  Value config() const { return config_; }  ///< of the adapter, as in an app file

  /// An adapter of another configuration, which knows where the servers are.
  std::unique_ptr<Proxy> make_proxy(const Value& config);
  PerColour<std::vector<std::string>> addresses() const;

  std::string file() const;  ///< what shunt and others wrote
  /// Writes it behind the adapter's back, and lets nginx take it up.
  void write_by_hand(const std::string& text);
  void write_without_reload(const std::string& text);

  /// Name of the server that answers through nginx; the status where that is not 200.
  std::string answer(const std::string& path = "/") const;
  static std::string name_of_server(Colour color, int index);

 private:
  std::string wrapper() const;

  harness::TemporaryFolder folder_;
  ProxySetup setup_;
  bool by_link_;
  PerColour<std::vector<int>> ports_;
  PerColour<std::vector<std::unique_ptr<HeldServer>>> servers_;
  std::unique_ptr<harness::Nginx> nginx_;
  std::unique_ptr<BenchContext> context_;
  Value config_;
  std::unique_ptr<Proxy> proxy_;
  ProxyTrouble trouble_ = ProxyTrouble::none;
};

ProxyEntry nginx_link_entry();
ProxyEntry nginx_reload_entry();

}  // namespace shunt::conformance
