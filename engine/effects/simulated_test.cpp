// The real steps, over modelled adapters and in modelled time.
#include "effects/simulated.hpp"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "deploy/test_rig.hpp"
#include "model/machine.hpp"

using namespace shunt;
using deploy::test::code_of;
using effects::Trouble;
using namespace std::chrono_literals;

namespace {

struct Simulation : Reporter {
  explicit Simulation(std::vector<std::string> services = {"web"})
      : deployment(deploy::test::two_versions(services)), machine(deployment) {}

  Outcome perform(const std::string& verb, Value args = Value::object()) {
    std::optional<Outcome> result;
    const auto branch = "t" + std::to_string(branches++);
    asio::co_spawn(machinery.turns.executor(), machinery.waist.root(branch).perform(Call(verb, std::move(args))),
                   [&](std::exception_ptr failure, Outcome outcome) {
                     if (failure) std::rethrow_exception(failure);
                     result = std::move(outcome);
                   });
    machinery.turns.run();
    while (!result) {
      loop.restart();
      if (loop.poll() == 0 && !result) REQUIRE(machine.clock.advance());
    }
    return std::move(*result);
  }

  void report(const Event&) override {}

  Deployment deployment;
  asio::io_context loop;
  deploy::test::TestSecrets secrets;
  model::Machine machine;
  effects::Fleet fleet{deployment, machine.context(), machine.registry()};
  effects::Live live{fleet, effects::Stamp{"this-run", 1}};
  effects::Simulated world{live, machine.clock};
  deploy::Machinery machinery{deployment, world, loop.get_executor(), nullptr, *this, secrets};
  int branches = 0;
};

}  // namespace

TEST_CASE("a blue-green deployment of two services in a machine in memory, in no time") {
  Simulation simulation({"web", "api"});
  auto& machine = simulation.machine;
  CHECK(machine.effective("web") == Weights(100, 0));
  const auto began = machine.clock.now();
  for (const auto* verb : {"run_checks", "launch", "await_healthy", "smoke_test"})
    CHECK(code_of(simulation.perform(verb)).empty());
  CHECK(machine.runs(Colour::green));
  CHECK(machine.effective("web") == Weights(100, 0));
  CHECK(code_of(simulation.perform("shift", {{"percent", 100}})).empty());
  CHECK(machine.effective("api") == Weights(0, 100));
  CHECK(code_of(simulation.perform("soak", {{"duration_ms", 3'600'000}})).empty());
  CHECK(code_of(simulation.perform("retire_old")).empty());
  CHECK_FALSE(machine.runs(Colour::blue));
  CHECK(machine.effective("web") == Weights(0, 100));
  CHECK(machine.clock.now() - began > 3'600'000);
}

TEST_CASE("a version that does not answer, answers 500, or starts slowly is seen as it would be") {
  Simulation simulation;
  auto& program = simulation.machine.programs[{"web", "v2"}];
  SUBCASE("sick") {
    program.sick = true;
  }
  SUBCASE("too slow") {
    program.start = 20s;
  }
  SUBCASE("slow") {
    program.start = 5s;
  }
  CHECK(code_of(simulation.perform("launch")).empty());
  const auto healthy = simulation.perform("await_healthy");
  CHECK(code_of(healthy) == (program.sick || program.start == 20s ? "SH1310" : ""));
}

TEST_CASE("a share reaches the version that it is for, by turns") {
  Simulation simulation;
  for (const auto* verb : {"launch", "await_healthy", "smoke_test"}) REQUIRE(simulation.perform(verb).ok());
  REQUIRE(simulation.perform("shift", {{"percent", 25}}).ok());
  int new_ones = 0;
  for (int i = 0; i < 100; ++i) {
    const auto answer = simulation.perform("http.request", {{"method", "GET"}, {"url", "http://web.test/"}});
    REQUIRE(answer.ok());
    if (answer.value["headers"]["x-version"] == "v2") ++new_ones;
  }
  CHECK(new_ones == 25);
}

TEST_CASE("a fault is done or not, and answered at once or late, as it says") {
  struct Case {
    Trouble trouble;
    const char* code;
    bool done;
    std::int64_t took_ms;
  };
  const Value set = {{"service", "web"}, {"blue", 100}, {"green", 0}};
  for (const auto& one :
       {Case{Trouble::none, "", true, 1}, Case{Trouble::fail, "SH1503", false, 1},
        Case{Trouble::unreachable, "SH1501", false, 1}, Case{Trouble::timeout, "SH1502", false, 2'000},
        Case{Trouble::lost, "SH1503", true, 1}, Case{Trouble::late, "SH1502", true, 2'000}}) {
    INFO(one.code << " " << one.done);
    Simulation simulation;
    simulation.machine.proxies["web"]->set_weights(Weights(50, 0));
    simulation.world.trouble = [&](const Call&) { return one.trouble; };
    int heard = 0;
    simulation.world.before = [&](const Call&) { ++heard; };
    simulation.world.after = [&](const Call&, const Outcome& outcome) {
      heard += code_of(outcome) == one.code ? 1 : 0;
    };
    const auto began = simulation.machine.clock.now();
    CHECK(code_of(simulation.perform("proxy.set", set)) == one.code);
    CHECK(simulation.machine.clock.now() - began == one.took_ms);
    CHECK((simulation.machine.proxies["web"]->view().weights.blue == 100) == one.done);
    CHECK(heard == 2);
  }
}

TEST_CASE("a command succeeds and a version answers as expected, unless something is said in their place") {
  Simulation simulation;
  const Value run = {{"argv", {"npm", "test"}}};
  const Value get = {{"method", "GET"}, {"url", "http://127.0.0.1:3000/health"}};
  CHECK(simulation.perform("exec.run", run).value["code"] == 0);
  CHECK(simulation.perform("http.request", get).value["status"] == 200);
  CHECK(code_of(simulation.perform("http.request", {{"method", "GET"}, {"url", "http://127.0.0.1:9/"}})).empty());
  simulation.machine.commands = [](const process::Command& command) {
    process::Finished finished;
    finished.code = command.argv.front() == "npm" ? 3 : 0;
    return std::optional(finished);
  };
  simulation.machine.answers = [](const http::Request& request) -> std::optional<Result<http::Response>> {
    if (!request.url.ends_with("/health")) return std::nullopt;
    http::Response teapot;
    teapot.status = 418;
    return Result<http::Response>(teapot);
  };
  CHECK(simulation.perform("exec.run", run).value["code"] == 3);
  CHECK(simulation.perform("http.request", get).value["status"] == 418);
  CHECK(simulation.perform("http.request", {{"method", "GET"}, {"url", "http://127.0.0.1:3000/"}}).value["status"] ==
        200);
}

TEST_CASE("images are built and pushed in the mind, the same again for the same, and may fail like anything else") {
  const Value build = {{"image", "shop:v2"}, {"context", "."}};
  const Value push = {{"image", "shop:v2"}};
  Simulation simulation;
  const auto id = simulation.perform("image.build", build).value["id"];
  CHECK(id.get<std::string>().starts_with("sha256:"));
  CHECK(Simulation().perform("image.build", build).value["id"] == id);
  CHECK(code_of(simulation.perform("image.tag", {{"image", "shop:v2"}, {"as", "shop:latest"}})).empty());
  CHECK(simulation.perform("image.push", push).value.contains("digest"));
  simulation.world.trouble = [](const Call&) { return Trouble::unreachable; };
  CHECK(code_of(simulation.perform("image.push", push)) == "SH1501");
}

TEST_CASE("time, chance and people are the simulation's own, and come out the same again") {
  const auto drawn = [] {
    Simulation simulation;
    Value values = Value::array();
    for (const auto* verb : {"clock.now", "random.number", "random.uuid", "random.number"})
      values.push_back(simulation.perform(verb).value);
    values.push_back(simulation.perform("clock.date", {{"zone", "UTC"}}).value);
    return values;
  };
  const auto values = drawn();
  CHECK(values == drawn());
  CHECK(values[1] != values[3]);
  CHECK(values[4]["year"] == 2027);
  CHECK(values[4]["weekday"] == "fri");
  Simulation simulation;
  const Value question = {{"question", "go on?"}, {"timeout_ms", 60'000}};
  CHECK(simulation.perform("approval.wait", question).value["answer"] == "");
  simulation.world.operator_says = [](const Call&) { return "approve"; };
  CHECK(simulation.perform("approval.wait", question).value["answer"] == "approve");
}
