// Shifts requests by a file for which Caddy looks at every request; no configuration is loaded, except for new
// addresses.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/proxy/caddy/admin.hpp"
#include "adapters/proxy/caddy/routes.hpp"
#include "adapters/proxy/caddy/share_file.hpp"
#include "shunt/context.hpp"
#include "shunt/proxy.hpp"

namespace shunt::adapters {

/// What Caddy runs is read through its admin API, which changes nothing there. Each method has `timeout` for all that
/// it does. Beyond the errors of Proxy: SH1508 the folder cannot be read or written, or Caddy may not enter it; SH1509
/// Caddy refuses the routes (the old ones are back, and its words are in `evidence.text`).
class CaddyFileSwitch : public Proxy {
 public:
  /// `config` passed the schema of `caddy_proxy()`.
  CaddyFileSwitch(Context& context, const Value& config);

  void instances_at(PerColour<std::vector<std::string>> addresses) override;
  void instances_found_at(PerColour<std::vector<std::string>> addresses) override;
  Task<Result<ProxyView>> observe() override;
  Task<Result<void>> apply(Weights weights) override;
  Task<std::vector<Finding>> examine() override;
  std::string target() const override;

 private:
  /// What Caddy runs, and what is in the folder.
  struct Sight {
    std::vector<caddy::Steps> places;  ///< one for each import
    caddy::Addresses routed;           ///< what its routes name
    caddy::Addresses known;            ///< what is said, where anything is said
    caddy::Told told;
  };

  std::optional<Error> misuse_of(const Value& config) const;
  Task<Result<Sight>> look(loop::TimeLimit limit) const;
  Task<std::filesystem::path> closed_folder(std::int64_t started, loop::TimeLimit limit);
  Task<Result<void>> route(Sight sight, Weights weights, loop::TimeLimit limit) const;
  Task<Result<void>> reload(loop::TimeLimit limit) const;
  caddy::Addresses wanted_addresses(const Sight& sight, Weights weights) const;
  bool is_stale(const Sight& sight) const;
  Result<void> turn(Weights weights) const;
  std::filesystem::path routes_file() const;
  std::optional<std::string> text_on_disk() const;

  caddy::Admin admin_;
  process::Spawner& processes_;
  std::filesystem::path folder_;
  std::string service_;
  std::string policy_;
  std::vector<std::string> reload_;
  Milliseconds timeout_;
  caddy::Announced announced_;
  std::int64_t pid_for_ = -1;  ///< the start of the Caddy that `pid_` is
  std::optional<pid_t> pid_;
  std::optional<Error> misuse_;  ///< of the configuration; every method answers it
};

}  // namespace shunt::adapters
