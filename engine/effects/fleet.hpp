// The adapters of one deployment, made when they are first needed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shunt/context.hpp"
#include "shunt/image.hpp"
#include "shunt/registry.hpp"
#include "spec/deployment.hpp"

namespace shunt::effects {

/// Owns the adapter objects; what it hands out lives as long as it does. Loop thread only.
class Fleet {
 public:
  Fleet(const Deployment& deployment, Context& context, const Registry& registry)
      : deployment_(deployment), context_(context), registry_(registry) {}

  /// The runtime that keeps `service` in `colour`; SH1005 when its adapter does not exist, SH1905 when there is no such
  /// service in either colour.
  Result<Runtime*> runtime(const std::string& service, Colour colour);

  /// What makes the images of `service`; of the first service that has some where that is "". SH1442 when its runtime
  /// has none, or none has; SH1905 when there is no such service.
  Result<Images*> images(const std::string& service);

  /// Every instance of the app that any of its runtimes knows, each once, sorted by id.
  Task<Result<std::vector<InstanceState>>> instances();

  /// The last lines of one instance's output.
  Task<Result<std::string>> logs(InstanceState instance, int lines);

  /// SH1905 when the service has none. Its instances may be elsewhere by now: whoever asks or tells it something takes
  /// `current_proxy`.
  Result<Proxy*> proxy(const std::string& service);

  /// The same, told where the instances are now, where only their runtime knows.
  Task<Result<Proxy*>> current_proxy(std::string service);

  Result<Metrics*> metrics();

  const Deployment& deployment() const { return deployment_; }
  Context& context() const { return context_; }

 private:
  Result<Runtime*> runtime_of(const Service& service);
  Result<std::vector<Runtime*>> runtimes();
  PerColour<std::vector<std::string>> addresses_of(const std::string& service) const;
  PerColour<std::vector<std::string>> places_of(const std::string& service,
                                                const std::vector<InstanceState>& instances) const;
  bool is_found_later(const std::string& service) const;

  const Deployment& deployment_;
  Context& context_;
  const Registry& registry_;
  std::map<std::string, std::unique_ptr<Runtime>> runtimes_;
  std::map<std::string, std::unique_ptr<Proxy>> proxies_;
  std::unique_ptr<Metrics> metrics_;
};

}  // namespace shunt::effects
