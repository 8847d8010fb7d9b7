// Shifts the requests of one HAProxy backend by its runtime socket.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/proxy/haproxy/changes.hpp"
#include "adapters/proxy/haproxy/view.hpp"
#include "loop/time_limit.hpp"
#include "shunt/context.hpp"
#include "shunt/registry.hpp"

namespace shunt::adapters {

Adapter<Proxy> haproxy_proxy();

/// Each method has `timeout` for all that it asks; setting a weight needs one to three connections, a
/// fourth where servers are told new addresses. A set of weights
/// that is refused half way has raised what it could and lowered nothing. Beyond the errors of Proxy: SH1507 the
/// weights are set, but the state file could not be written.
class HaproxyProxy : public Proxy {
 public:
  /// `config` passed the schema of `haproxy_proxy()`.
  explicit HaproxyProxy(const Value& config);

  void instances_found_at(PerColour<std::vector<std::string>> addresses) override;
  Task<Result<ProxyView>> observe() override;
  Task<Result<void>> apply(Weights weights) override;
  Task<Result<void>> close(Colour color) override;
  Task<std::vector<Finding>> examine() override;
  std::string target() const override;

 private:
  Task<Result<std::vector<std::string>>> ask(std::vector<std::string> commands, loop::TimeLimit limit) const;
  Task<Result<haproxy::Backend>> look(std::vector<haproxy::Change> changes, loop::TimeLimit limit);
  Task<Result<void>> make(std::vector<haproxy::Change> changes, loop::TimeLimit limit);
  Task<std::vector<Finding>> examine_addresses();
  Task<Result<void>> persist(loop::TimeLimit limit) const;
  Result<haproxy::Backend> read_backend(const std::string& stat, const std::string& state) const;
  std::int64_t start_of(const haproxy::Info& info);

  haproxy::Place place_;
  std::string state_file_;
  Milliseconds timeout_;
  std::optional<Error> misuse_;                  ///< of the configuration; every method answers it
  std::optional<Error> static_weights_;          ///< what HAProxy said when it refused a weight for its algorithm
  std::map<std::int64_t, std::int64_t> starts_;  ///< by pid, for versions that do not tell their start
};

}  // namespace shunt::adapters
