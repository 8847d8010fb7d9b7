#include "model/runtime.hpp"

#include <doctest/doctest.h>

#include <asio/io_context.hpp>
#include <tuple>

#include "loop/run.hpp"

namespace shunt::model {

namespace {

const std::string id = "shop-web-blue-0";

struct World {
  std::int64_t now = 1'000'000;
  ModelRuntime runtime{[this] { return now; }};

  template <typename T>
  static T result_of(Task<T> task) {
    asio::io_context loop;
    return loop::run(loop, std::move(task));
  }

  static InstanceSpec spec() {
    InstanceSpec spec;
    spec.id = id;
    spec.labels.app = "shop";
    spec.labels.run = "run-1";
    spec.address = "127.0.0.1:3000";
    spec.config = Value::object();
    return spec;
  }

  Result<InstanceState> ensure() { return result_of(runtime.ensure(spec())); }
  InstanceState state() { return result_of(runtime.list("shop")).value().at(0); }
};

TEST_CASE("a crash loop follows the backoff of a real supervisor, however seldom it is looked at") {
  World world;
  world.runtime.crash_loop(id, Milliseconds(50), 9);
  REQUIRE(bool(world.ensure()));
  CHECK(world.state().state == "running");
  world.now += 50;
  CHECK(world.state().state == "restarting");
  CHECK(world.state().exit_code == 9);
  world.now += 99;
  CHECK(world.state().state == "restarting");
  world.now += 1;
  CHECK(world.state().state == "running");
  CHECK(world.state().restarts == 1);
  CHECK(world.state().started == world.now);
  world.now += 50 + 200 + 50 + 400;
  CHECK(world.state().restarts == 3);
  world.now += 3'600'000;
  CHECK(world.state().restarts > 300);
}

TEST_CASE("what recovers stays up from its next start on") {
  World world;
  world.runtime.crash_loop(id, Milliseconds(50), 9);
  REQUIRE(bool(world.ensure()));
  world.now += 60;
  world.runtime.recover(id);
  world.now += 1'000'000;
  CHECK(world.state().state == "running");
  CHECK(world.state().restarts == 1);
}

TEST_CASE("the same calls at the same times give the same answers") {
  const auto tell = [] {
    World world;
    world.runtime.crash_loop(id, Milliseconds(7), 2);
    (void)world.ensure();
    world.now += 12'345;
    const auto state = world.state();
    return std::make_tuple(state.pid, state.started, state.restarts, state.state, state.spec_sha);
  };
  CHECK(tell() == tell());
}

TEST_CASE("a start can be made to fail, and to work again") {
  World world;
  world.runtime.fail_start(id, "there is no program 'x'");
  const auto refused = world.ensure();
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1401");
  CHECK(refused.error().message.find("there is no program 'x'") != std::string::npos);
  world.runtime.fail_start(id, "");
  CHECK(bool(world.ensure()));
}

TEST_CASE("listening can be refused to it, shared with others, and taken by others") {
  World world;
  REQUIRE(bool(world.ensure()));
  const auto listener = [&] { return World::result_of(world.runtime.listener(id, "127.0.0.1:3000")).value(); };
  CHECK(listener().ours);
  world.runtime.occupy("127.0.0.1:3000", "nginx (pid 12)");
  CHECK_FALSE(listener().ours);
  CHECK(listener().who == "nginx (pid 12)");
  world.runtime.occupy("127.0.0.1:3000", "");
  world.runtime.deafen(id);
  CHECK_FALSE(listener().present);
}

TEST_CASE("it can refuse to end, and a reboot ends all") {
  World world;
  REQUIRE(bool(world.ensure()));
  world.runtime.make_unstoppable(id);
  CHECK(World::result_of(world.runtime.stop(id, Milliseconds(0))).error().code == "SH1403");
  world.runtime.reboot();
  CHECK(World::result_of(world.runtime.list("shop")).value().empty());
}

}  // namespace

}  // namespace shunt::model
