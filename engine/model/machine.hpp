// Everything that a deployment can reach, in memory: one machine with its runtime, proxies, metrics, programs and
// commands, whatever adapters an app file names.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/clock.hpp"
#include "model/metrics.hpp"
#include "model/proxy.hpp"
#include "model/runtime.hpp"
#include "shunt/context.hpp"
#include "shunt/registry.hpp"
#include "spec/deployment.hpp"

namespace shunt::model {

/// How the program of one version of a service behaves.
struct Program {
  Milliseconds start{40};  ///< from its start until it answers
  bool sick = false;       ///< it answers, with 500
};

/// Outlives the engine's lives. What a version answers is what its own smoke tests and `verify` expect, unless its
/// Program says otherwise. Deterministic. Loop thread only.
class Machine : private http::Client, private process::Spawner {
 public:
  /// The prior side runs, is ready, and has all the traffic, unless it is a first deployment.
  explicit Machine(const Deployment& deployment);
  ~Machine() override;

  /// What the deployment's adapters are made with, and from: every name it uses stands for this machine's model.
  Context& context() { return context_; }
  const Registry& registry() const { return registry_; }

  Clock clock;
  ModelRuntime runtime;
  ModelMetrics metrics;
  std::map<std::string, std::unique_ptr<ModelProxy>> proxies;       ///< by service
  std::map<std::pair<std::string, std::string>, Program> programs;  ///< by service and version; others are ordinary

  /// By URL, what answers in place of the model; nothing: the model.
  std::function<std::optional<Result<http::Response>>(const http::Request&)> answers;
  /// What a command does; without it, or where it says nothing, it succeeds and prints nothing.
  std::function<std::optional<process::Finished>(const process::Command&)> commands;

  /// Percent of new requests that each colour really gets.
  Weights effective(const std::string& service);

  /// The proxy of the service whose instances have these addresses. Throws std::invalid_argument when there is none.
  ModelProxy& proxy_of(const PerColour<std::vector<std::string>>& addresses);

  /// Whether an instance of the app lives in that colour.
  bool runs(Colour colour);

  /// Whether a connection to that address is taken. Where no instance of the app could be, somebody well lives: who
  /// asks him gets an empty 200.
  bool listens(const std::string& address);

  /// Whether the instance at that address is ready.
  bool answers_at(const std::string& address);

  /// Whether an instance of that service in that colour is.
  bool is_ready(const std::string& service, Colour colour);

  /// The proxies look at their servers. A real one does it by itself, a few times a second.
  void look();

 private:
  Task<Result<http::Response>> send(http::Request request) override;
  Task<Result<process::Finished>> run(process::Command command) override;
  void install(const Service& service);
  bool is_place(const std::string& address) const;
  void start_prior();
  Result<http::Response> through_proxy(const std::string& service, const http::Request& request);
  Result<http::Response> instance_answers(const InstanceState& instance, const http::Request& request) const;
  const Program& program_of(const InstanceState& instance) const;

  const Deployment& deployment_;
  Registry registry_;
  std::unique_ptr<Secrets> secrets_;
  Context context_;
  std::map<std::string, PerColour<int>> turns_;  ///< whose turn it is to answer, by service
};

}  // namespace shunt::model
