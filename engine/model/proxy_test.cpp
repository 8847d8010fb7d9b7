#include "model/proxy.hpp"

#include <doctest/doctest.h>

#include <asio/io_context.hpp>
#include <set>

#include "loop/run.hpp"

namespace shunt::model {

namespace {

/// One server for each colour, at "b" and "g".
struct World {
  asio::io_context loop;
  std::int64_t now = 1'000;
  std::set<std::string> ill;
  ModelProxy proxy;

  explicit World(bool is_checked = true, bool has_backup = false)
      : proxy(
            "model:shop", servers(is_checked, has_backup), [this](const std::string& a) { return !ill.contains(a); },
            [this] { return now; }) {}

  static std::vector<ProxyServer> servers(bool is_checked, bool has_backup) {
    ProxyServer blue;
    blue.name = "blue";
    blue.address = "b";
    blue.is_checked = is_checked;
    ProxyServer green = blue;
    green.name = "green";
    green.color = Colour::green;
    green.address = "g";
    green.is_backup = has_backup;
    return {blue, green};
  }

  ProxyView look() {
    auto view = loop::run(loop, proxy.observe());
    REQUIRE(bool(view));
    return *view;
  }

  void apply(Weights weights) { REQUIRE(bool(loop::run(loop, proxy.apply(weights)))); }
};

TEST_CASE("health is noticed after the delay, counted from when the proxy could first see it") {
  World world;
  world.proxy.delay_checks(Milliseconds(100));
  world.ill.insert("b");
  CHECK(world.look().usable.blue == 1);
  world.now += 99;
  CHECK(world.look().usable.blue == 1);
  world.now += 1;
  CHECK(world.look().usable.blue == 0);
  CHECK(world.look().effective == Weights(0, 0));
  world.ill.clear();
  world.proxy.look();
  world.now += 50;
  world.ill.insert("b");
  world.proxy.look();
  world.now += 60;
  CHECK(world.look().usable.blue == 0);  // it was well for 50 ms only
}

TEST_CASE("a dead server that is lifted or restarted is up until the proxy looks") {
  World world;
  world.proxy.delay_checks(Milliseconds(100));
  world.ill.insert("g");
  world.proxy.set_maintenance("green", true);
  world.apply(Weights(100, 50));
  CHECK(world.look().effective == Weights(67, 33));
  world.now += 100;
  CHECK(world.look().effective == Weights(100, 0));
  world.proxy.restart();
  CHECK(world.look().usable == PerColour<int>(1, 1));
}

TEST_CASE("two restarts in one millisecond are two") {
  World world;
  const auto started = world.look().started;
  world.proxy.restart();
  world.proxy.restart();
  CHECK(world.look().started == started + 2);
}

TEST_CASE("a backup is not usable, and unchecked servers are") {
  World backup(true, true);
  backup.apply(Weights(50, 50));
  CHECK(backup.look().effective == Weights(100, 0));
  World unchecked(false);
  unchecked.ill = {"b", "g"};
  unchecked.apply(Weights(50, 50));
  CHECK(unchecked.look().effective == Weights(50, 50));
  CHECK(unchecked.look().servers[0].state == "unchecked");
}

TEST_CASE("what the proxy does not count is not known") {
  World world;
  CHECK(world.look().in_flight.green == 0);
  world.proxy.set_in_flight(Colour::green, std::nullopt);
  CHECK_FALSE(world.look().in_flight.green.has_value());
}

TEST_CASE("nothing is told in trouble, but where only the reply is lost") {
  using Trouble = ModelProxy::Trouble;
  World world;
  const std::vector<std::pair<Trouble, std::string>> troubles = {{Trouble::down, "SH1501"},
                                                                 {Trouble::hang, "SH1502"},
                                                                 {Trouble::garbage, "SH1503"},
                                                                 {Trouble::lost_reply, "SH1503"}};
  for (const auto& [trouble, code] : troubles) {
    world.proxy.make(trouble);
    CHECK(loop::run(world.loop, world.proxy.observe()).error().code == code);
    CHECK(loop::run(world.loop, world.proxy.apply(Weights(1, 2))).error().code == code);
    world.proxy.make(Trouble::none);
    CHECK(world.look().weights == (trouble == Trouble::lost_reply ? Weights(1, 2) : Weights(100, 0)));
  }
}

TEST_CASE("a static proxy takes all or nothing, and raises first") {
  World world;
  world.proxy.make_static(true);
  CHECK(loop::run(world.loop, world.proxy.apply(Weights(0, 50))).error().code == "SH1505");
  CHECK(world.look().weights == Weights(100, 0));
  world.apply(Weights(0, 100));
  CHECK(world.look().weights == Weights(0, 100));
}

TEST_CASE("a restart takes up what was persisted, or what is configured") {
  World world;
  world.proxy.configure(Weights(0, 100));
  world.proxy.restart();
  CHECK(world.look().weights == Weights(0, 100));
  world.proxy.persist(true);
  world.apply(Weights(30, 70));
  world.proxy.set_weights(Weights(1, 1));
  world.proxy.restart();
  CHECK(world.look().weights == Weights(30, 70));
}

}  // namespace

}  // namespace shunt::model
