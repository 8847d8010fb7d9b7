// A proxy in memory, for simulation and tests: what HAProxy does with weights, without requests.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "shunt/duration.hpp"
#include "shunt/proxy.hpp"

namespace shunt::model {

/// A line `server` of the backend.
struct ProxyServer {
  std::string name;
  Colour color = Colour::blue;
  std::string address;
  bool is_checked = true;  ///< the proxy asks the address whether it is healthy
  bool is_backup = false;
};

/// Deterministic: the same calls at the same times give the same answers. Time comes from `now` (unix ms) and must not
/// go back. A server's health is what `is_healthy` says of its address, noticed `check_delay` after it changed; the
/// proxy looks whenever it is called, and at `look()`, which a simulation calls as its time goes on. As HAProxy does,
/// it takes a server for healthy that was just lifted out of maintenance, and all of them after a restart, until it has
/// looked. Loop thread only; no method waits, but where `hang` is said to.
class ModelProxy : public Proxy {
 public:
  ModelProxy(std::string target, std::vector<ProxyServer> servers,
             std::function<bool(const std::string& address)> is_healthy, std::function<std::int64_t()> now);

  Task<Result<ProxyView>> observe() override;
  Task<Result<void>> apply(Weights weights) override;
  Task<Result<void>> close(Colour color) override;
  std::string target() const override { return target_; }

  /// The health checks.
  void look();

  /// What `observe` tells when nothing is wrong.
  ProxyView view();

  Weights weights() const { return weights_; }

  /// The shares of new requests.
  Weights effective();

  // What a test can make happen. All of it holds until it is changed.

  enum class Trouble {
    none,
    down,        ///< SH1501
    hang,        ///< SH1502, and nothing is done
    garbage,     ///< SH1503, and nothing is done
    lost_reply,  ///< SH1503, but it is done
  };
  void make(Trouble trouble) { trouble_ = trouble; }

  /// What passes the time of an answer that does not come. Without it, `hang` fails at once.
  void wait_with(std::function<Task<void>(Milliseconds)> wait, Milliseconds timeout);

  /// From a change of health to the proxy's own notice of it; 0 at first.
  void delay_checks(Milliseconds delay) { check_delay_ = delay; }

  /// Takes one server out, as an operator does, or puts it back.
  void set_maintenance(const std::string& server, bool out);

  /// As if the configuration said so, or somebody else had set it: nothing but the weights changes.
  void set_weights(Weights weights) { weights_ = weights; }

  /// What the configuration says: weights after a restart that forgets.
  void configure(Weights weights) { configured_ = weights; }

  /// Weights and maintenance outlive a restart from the next `apply` on (HAProxy: a state file).
  void persist(bool persistent) { is_persistent_ = persistent; }

  /// It forgets all that was not persisted, and takes every server for healthy.
  void restart();

  /// Only 0 and 100 can be told to it.
  void make_static(bool is_static) { is_static_ = is_static; }

  /// Cookies keep its clients on a colour without a weight.
  void make_sticky(bool is_sticky) { is_sticky_ = is_sticky; }

  /// Requests that a colour is answering; nothing: the proxy does not know. 0 at first.
  void set_in_flight(Colour color, std::optional<int> requests) { in_flight_[color] = requests; }

 private:
  struct Server {
    ProxyServer line;
    bool in_maintenance = false;
    bool is_up = true;
    std::int64_t differs_since = -1;  ///< since when its health is another than `is_up`; negative: it is not
  };

  Task<Result<void>> trouble();
  void lift(Colour color);
  void remember();
  bool is_usable(const Server& server) const;
  bool is_out(Colour color) const;
  Weights shares(const PerColour<int>& usable) const;
  PerColour<int> usable() const;

  std::string target_;
  std::vector<Server> servers_;
  std::function<bool(const std::string& address)> is_healthy_;
  std::function<std::int64_t()> now_;
  std::function<Task<void>(Milliseconds)> wait_;
  Milliseconds timeout_{0};
  Milliseconds check_delay_{0};
  Trouble trouble_ = Trouble::none;
  Weights weights_{100, 0};
  Weights configured_{100, 0};
  Weights persisted_{100, 0};
  std::map<std::string, bool> persisted_maintenance_;
  bool has_persisted_ = false;
  bool is_persistent_ = false;
  bool is_static_ = false;
  bool is_sticky_ = false;
  PerColour<std::optional<int>> in_flight_{0, 0};
  std::int64_t started_;
};

}  // namespace shunt::model
