// Shifts the requests of one nginx upstream: by a symbolic link that it reads at every request, or by reloads.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "adapters/proxy/nginx/own_file.hpp"
#include "adapters/proxy/nginx/view.hpp"
#include "loop/time_limit.hpp"
#include "shunt/context.hpp"
#include "shunt/registry.hpp"

namespace shunt::adapters {

Adapter<Proxy> nginx_proxy();

/// `observe` looks at files and processes and asks nginx nothing. Beyond the errors of Proxy: SH1508 the file or the
/// link cannot be read, understood or written; SH1509 nginx refuses the configuration (its old bytes are back, and its
/// words are in `evidence.text`).
class NginxProxy : public Proxy {
 public:
  /// `config` passed the schema of `nginx_proxy()`.
  NginxProxy(process::Spawner& processes, const Value& config);

  void instances_at(PerColour<std::vector<std::string>> addresses) override;
  void instances_found_at(PerColour<std::vector<std::string>> addresses) override;
  Task<Result<ProxyView>> observe() override;
  Task<Result<void>> apply(Weights weights) override;
  Task<std::vector<Finding>> examine() override;
  std::string target() const override;

 private:
  std::optional<Error> misuse_of(const Value& config) const;
  Result<nginx::Content> look(nginx::Sight& sight) const;
  Result<std::string> wanted_text(const nginx::Sight& sight, Weights weights) const;
  std::optional<Error> nobody_for(const nginx::Sight& sight, Weights weights) const;
  Weights weights_now(const nginx::Sight& sight) const;
  Result<std::string> weighted_text(const nginx::Sight& sight, Weights weights) const;
  Result<std::string> linked_text(const nginx::Sight& sight, Weights weights) const;
  Result<void> prepare_link(Weights weights) const;
  Result<void> turn_link(Weights weights) const;
  Task<Result<void>> write(Weights weights, loop::TimeLimit limit) const;
  Task<Result<void>> test(loop::TimeLimit limit) const;
  Task<std::string> told_by(const char* flag, loop::TimeLimit limit) const;
  Task<Result<void>> reload(loop::TimeLimit limit) const;
  Task<Result<void>> confirm(nginx::Running before, std::uintmax_t log_end, loop::TimeLimit limit) const;
  Task<Result<process::Finished>> run(std::vector<std::string> words, loop::TimeLimit limit) const;

  process::Spawner& processes_;
  std::string upstream_;
  std::filesystem::path file_;
  bool by_link_;
  std::filesystem::path link_;
  std::string split_;
  std::vector<std::string> test_;
  std::vector<std::string> reload_;
  std::filesystem::path pid_file_;
  Milliseconds timeout_;
  nginx::Announced announced_;
  std::optional<Error> misuse_;  ///< of the configuration; every method answers it
};

}  // namespace shunt::adapters
