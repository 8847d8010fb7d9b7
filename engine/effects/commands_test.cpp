// Programs that a script runs: what they are given.
#include <doctest/doctest.h>

#include "deploy/test_rig.hpp"
#include "effects/live.hpp"
#include "loop/run.hpp"

using namespace shunt;

namespace {

struct SilentClient : http::Client {
  Task<Result<http::Response>> send(http::Request) override {
    co_return Error("SH1701", Kind::adapter, "nobody is there");
  }
};

/// Remembers what it was to run, and ends it with 0.
struct Remembering : process::Spawner {
  std::vector<process::Command> ran;

  Task<Result<process::Finished>> run(process::Command command) override {
    ran.push_back(std::move(command));
    co_return process::Finished();
  }
};

/// Opens a handle in an environment.
struct Opening : deploy::test::TestSecrets {
  Task<Result<Value>> reveal(Value environment) override {
    for (auto& value : environment)
      if (is_secret(value)) value = "hunter2";
    Result<Value> opened(std::move(environment));
    co_return std::move(opened);
  }
};

struct Shell {
  process::Command run(const std::string& verb) {
    Value environment = {{"TIER", "test"}, {"COUNT", 3}, {"KEY", {{"$secret", {{"env", "KEY"}}}}}};
    Call call(verb, {{"argv", {"check", "v2"}}, {"cwd", "/srv"}, {"timeout_ms", 700}, {"env", environment}});
    REQUIRE(loop::run(loop, live.perform(std::move(call))).ok());
    REQUIRE(commands.ran.size() == 1);
    return commands.ran.front();
  }

  Deployment deployment = deploy::test::two_versions();
  asio::io_context loop;
  SilentClient http;
  Remembering commands;
  Opening secrets;
  Registry registry;
  Context context{http, commands, secrets, "", ""};
  effects::Fleet fleet{deployment, context, registry};
  effects::Live live{fleet, effects::Stamp{"this-run", 1}};
};

}  // namespace

TEST_CASE("a program gets its folder, its time and its environment, secrets opened: to act as well as to look") {
  for (const auto* verb : {"exec.run", "probe.command"}) {
    CAPTURE(std::string(verb));
    Shell shell;
    const auto command = shell.run(verb);
    CHECK(command.argv == std::vector<std::string>{"check", "v2"});
    CHECK(command.cwd == "/srv");
    CHECK(command.timeout == Milliseconds(700));
    CHECK(command.env == std::map<std::string, std::string>{{"COUNT", "3"}, {"KEY", "hunter2"}, {"TIER", "test"}});
    CHECK(command.observes == (std::string(verb) == "probe.command"));
  }
}
