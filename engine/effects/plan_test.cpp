// A plan reads the world, changes it only in the mind, and does not wait.
#include "effects/plan.hpp"

#include <doctest/doctest.h>
#include <asio/co_spawn.hpp>

#include "deploy/test_rig.hpp"
#include "loop/run.hpp"
#include "model/metrics.hpp"
#include "model/proxy.hpp"
#include "model/runtime.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

/// Nothing may be sent or run.
struct NoHttp : http::Client {
  int requests = 0;
  Task<Result<http::Response>> send(http::Request) override {
    ++requests;
    Result<http::Response> no(Error("SH1701", Kind::adapter, "a plan sends nothing"));
    co_return std::move(no);
  }
};

struct NoCommands : process::Spawner {
  int commands = 0;
  Task<Result<process::Finished>> run(process::Command) override {
    ++commands;
    Result<process::Finished> no(Error("SH1711", Kind::adapter, "a plan runs nothing"));
    co_return std::move(no);
  }
};

/// A registry whose adapters are models that a test can look at.
struct ModelWorld {
  model::ModelProxy* proxy = nullptr;
  model::ModelRuntime* runtime = nullptr;
  int queries = 0;
  Registry registry;

  ModelWorld() {
    Adapter<Proxy> proxies;
    proxies.info.name = "model";
    proxies.make = [this](Context&, const Value&) {
      model::ProxyServer blue;
      blue.name = "blue";
      model::ProxyServer green;
      green.name = "green";
      green.color = Colour::green;
      auto made = std::make_unique<model::ModelProxy>(
          "model", std::vector<model::ProxyServer>{blue, green}, [](const std::string&) { return true; },
          [] { return std::int64_t{1}; });
      proxy = made.get();
      return made;
    };
    registry.add(std::move(proxies));
    Adapter<Runtime> runtimes;
    runtimes.info.name = "model";
    runtimes.make = [this](Context&, const Value&) {
      auto made = std::make_unique<model::ModelRuntime>([] { return std::int64_t{1}; });
      runtime = made.get();
      return made;
    };
    registry.add(std::move(runtimes));
    Adapter<Metrics> metrics;
    metrics.info.name = "model";
    metrics.make = [this](Context&, const Value&) {
      return std::make_unique<model::ModelMetrics>([this](const std::string&) {
        ++queries;
        Reading reading;
        reading.state = "ok";
        return Result<Reading>(reading);
      });
    };
    registry.add(std::move(metrics));
  }
};

struct Quiet : Reporter {
  void report(const Event&) override {}
};

Deployment planned() {
  auto deployment = two_versions();
  deployment.metrics = "model";
  deployment.gates = {gate("error rate")};
  Check check;
  check.name = "unit tests";
  check.command = {"rm", "-rf", "everything"};
  deployment.checks = {check};
  return deployment;
}

struct Planning {
  Deployment deployment = planned();
  asio::io_context loop;
  ModelWorld world;
  NoHttp http;
  NoCommands commands;
  TestSecrets secrets;
  Quiet quiet;
  Context context{http, commands, secrets, "", ""};
  effects::Fleet fleet{deployment, context, world.registry};
  effects::Plan plan{fleet};
  deploy::Machinery machinery{deployment, plan, loop.get_executor(), nullptr, quiet, secrets};

  Outcome perform(Call call) {
    std::optional<Outcome> result;
    asio::co_spawn(machinery.turns.executor(), machinery.waist.root("0").perform(std::move(call)),
                   [&](std::exception_ptr failure, Outcome outcome) {
                     if (failure) std::rethrow_exception(failure);
                     result = std::move(outcome);
                   });
    machinery.turns.run();
    loop.restart();
    loop.poll();
    REQUIRE(result);
    return *result;
  }

  Outcome perform_all(const std::vector<Call>& calls) {
    Outcome outcome;
    for (const auto& call : calls) {
      outcome = perform(call);
      if (!outcome.ok()) break;
    }
    return outcome;
  }
};

}  // namespace

TEST_CASE("a whole deployment is planned without touching anything or waiting for anything") {
  Planning it;
  const auto began = it.plan.now();
  const auto outcome = it.perform_all(gradual({10, 50, 100}, 3'600'000));
  CHECK(outcome.ok());
  CHECK(it.plan.now() - began >= 3 * 3'600'000);
  CHECK(it.world.queries > 0);
  CHECK(it.http.requests == 0);
  CHECK(it.commands.commands == 0);
}

TEST_CASE("what it would do it sees, and the real proxy does not") {
  Planning it;
  REQUIRE(it.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test"), Call("shift", {{"percent", 25}})})
              .ok());
  CHECK(it.perform(Call("traffic")).value == Value{{"blue", 75}, {"green", 25}});
  const auto listed = it.perform(Call("instances.list", {{"service", "web"}, {"color", "green"}})).value;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["id"] == "shop-web-green-0");
  REQUIRE(it.perform_all({Call("shift", {{"percent", 0}}), Call("retire", {{"color", "green"}})}).ok());
  CHECK(it.perform(Call("instances.list", {{"service", "web"}, {"color", "green"}})).value.empty());

  auto view = loop::run(it.loop, it.world.proxy->observe());
  REQUIRE(view);
  CHECK(view->weights == Weights(100, 0));
}

TEST_CASE("requests that the live version answers while it is planned are none that a drain would wait for") {
  Planning it;
  const Call count("proxy.in_flight", {{"service", "web"}, {"color", "blue"}});
  REQUIRE(it.perform(count).ok());
  it.world.proxy->set_in_flight(Colour::blue, 5);
  CHECK(it.perform(count).value["requests"] == 5);
  REQUIRE(it.perform_all({Call("launch"), Call("await_healthy"), Call("smoke_test"), Call("shift", {{"percent", 100}})})
              .ok());
  CHECK(it.perform(count).value["requests"] == 0);
  it.world.proxy->set_in_flight(Colour::blue, std::nullopt);
  CHECK(it.perform(count).value["requests"].is_null());
}

TEST_CASE("a plan is refused what a deployment would be") {
  Planning it;
  CHECK(it.perform(Call("shift", {{"percent", 25}})).error->code == "SH1320");
  CHECK(it.perform(Call("stop_old")).error->code == "SH1325");
}
