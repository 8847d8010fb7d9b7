// Shifts requests by the list of upstreams of one reverse_proxy handler, through Caddy's admin API.
#pragma once

#include <optional>
#include <string>

#include "adapters/proxy/caddy/admin.hpp"
#include "adapters/proxy/caddy/handler.hpp"
#include "shunt/context.hpp"
#include "shunt/proxy.hpp"

namespace shunt::adapters {

/// Each method has `timeout` for all that it asks. Beyond the errors of Proxy: SH1509 Caddy refuses the list, and goes
/// on with the old one.
class CaddyApiSwitch : public Proxy {
 public:
  /// `config` passed the schema of `caddy_proxy()`.
  CaddyApiSwitch(Context& context, const Value& config);

  void instances_at(PerColour<std::vector<std::string>> addresses) override;
  void instances_found_at(PerColour<std::vector<std::string>> addresses) override;
  Task<Result<ProxyView>> observe() override;
  Task<Result<void>> apply(Weights weights) override;
  Task<std::vector<Finding>> examine() override;
  std::string target() const override;

 private:
  struct Look {
    caddy::Handler handler;
    std::string etag;
  };

  Task<Result<Look>> look(loop::TimeLimit limit) const;
  Task<Result<Look>> look_after_change(loop::TimeLimit limit) const;
  Task<Error> with_places(Error error, loop::TimeLimit limit) const;
  std::optional<Error> refusal(const caddy::Handler& handler, Weights weights) const;
  bool is_told(const caddy::Handler& handler, const Value& list, Weights weights) const;
  bool is_stale(const caddy::Handler& handler) const;
  std::string mark() const;

  caddy::Admin admin_;
  std::string place_;  ///< of the handler: "/id/shop" or "/config/…"
  Milliseconds timeout_;
  caddy::Announced announced_;
  std::optional<Error> misuse_;  ///< of the configuration; every method answers it
};

}  // namespace shunt::adapters
