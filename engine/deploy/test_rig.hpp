// For tests: the real machinery of a run over a model world.
#pragma once

#include <doctest/doctest.h>
#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "deploy/machinery.hpp"
#include "effects/test_world.hpp"

namespace shunt::deploy::test {

using effects::Scope;
using effects::test::Trouble;

/// Two versions of these services: v1 (blue) serves, v2 (green) shall. Each has one instance, a health check, a smoke
/// test, a proxy, a `verify` and a drain of 5 s.
Deployment two_versions(const std::vector<std::string>& services = {"web"});

/// Nothing serves yet.
Deployment first_version(const std::vector<std::string>& services = {"web"});

/// A gate that looks every second.
Gate gate(const std::string& name);

/// What metrics.query answers.
Outcome measured(double value);
Outcome measured(const std::string& state);

/// Masks "hunter2".
class TestSecrets : public Secrets {
 public:
  Task<Result<std::string>> read(Value handle) override;
  void remember(std::string) override {}
  std::string mask(std::string text) const override;
  Value mask_all(Value value) const override;
  Task<Result<Value>> reveal(Value value) override;
};

class Rig : private Reporter {
 public:
  using Body = std::function<Task<Outcome>(Scope scope)>;

  explicit Rig(Deployment deployment, store::Store* store = nullptr);

  /// Runs `body` in a branch until it ends.
  Outcome run(Body body, const std::string& branch = "0");

  /// Performs one Call, in a branch of its own unless one is named.
  Outcome perform(const std::string& verb, Value args = Value::object());

  /// Performs Calls one after the other in branch "0" until one fails.
  Outcome perform_all(const std::vector<Call>& calls);

  /// A whole deployment: these composites, then the end as a run ends.
  struct End {
    std::string state;  ///< succeeded, rolled_back, needs_operator
    std::optional<Error> error;
    Value hooks = Value::array();  ///< as the rollback lists them
  };
  End deploy(const std::vector<Call>& calls);

  Facts& facts() { return machinery.guard.facts(); }

  std::vector<std::string> told(const std::string& name) const;  ///< messages (or fields) of the events of that name

  const Deployment deployment;
  asio::io_context loop;
  TestSecrets secrets;
  effects::test::World world;
  Machinery machinery;
  std::vector<Event> events;
  std::function<void(const Event&)> heard;  ///< hears of each

 private:
  void report(const Event& event) override {
    events.push_back(event);
    if (heard) heard(event);
  }

  int branches_ = 0;
};

/// "" or the error's code.
std::string code_of(const Outcome& outcome);

// The bundled strategies, as the composites that they perform.
std::vector<Call> blue_green(std::int64_t soak_ms);
std::vector<Call> gradual(const std::vector<int>& steps, std::int64_t soak_ms);
std::vector<Call> recreate(std::int64_t soak_ms);

}  // namespace shunt::deploy::test
