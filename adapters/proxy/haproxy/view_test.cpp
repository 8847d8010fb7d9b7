#include "adapters/proxy/haproxy/view.hpp"

#include <doctest/doctest.h>

#include "adapters/proxy/haproxy/changes.hpp"

namespace shunt::haproxy {

namespace {

/// A backend as tests write it.
struct World {
  Place place;
  std::vector<StatRow> stats;
  std::vector<StateRow> states;

  World() {
    place.socket = "/run/haproxy.sock";
    place.backend = "shop";
    StatRow row;
    row.server = "BACKEND";
    row.is_backend = true;
    row.status = "UP";
    row.algorithm = "roundrobin";
    stats.push_back(row);
  }

  void add(Colour color, const std::string& name, int weight, const std::string& status = "UP", unsigned admin = 0) {
    place.servers[color].push_back(name);
    add_other(name, weight, status);
    states.back().admin = admin;
    if (status.starts_with("DOWN") || status.starts_with("MAINT")) states.back().running = 0;
  }

  void add_other(const std::string& name, int weight, const std::string& status = "UP") {
    StatRow stat;
    stat.server = name;
    stat.status = status;
    stat.weight = weight;
    stat.configured = weight;
    stats.push_back(stat);
    StateRow state;
    state.server = name;
    state.address = "127.0.0.1:80";
    state.running = 2;
    state.weight = weight;
    states.push_back(state);
  }

  Backend backend() const {
    auto backend = backend_of(place, stats, states);
    REQUIRE(bool(backend));
    return *backend;
  }

  ProxyView view(const std::string& level = "admin") const {
    auto view = view_of(place, backend(), level);
    REQUIRE(bool(view));
    return *view;
  }
};

TEST_CASE("a weight is not a share") {
  struct Case {
    const char* status;
    unsigned admin;
    const char* state;
    bool usable;
  };
  for (const auto& one :
       {Case{"UP", 0, "up", true}, Case{"UP 1/3", 0, "up", true}, Case{"no check", 0, "unchecked", true},
        Case{"DOWN", 0, "down", false}, Case{"DOWN 1/2", 0, "down", false}, Case{"DOWN (agent)", 0, "down", false},
        Case{"MAINT", 1, "maint", false}, Case{"MAINT (via a/b)", 2, "maint", false}, Case{"UP", 1, "maint", false},
        Case{"MAINT (resolution)", 0x20, "maint", false}, Case{"DRAIN", 8, "drain", false},
        Case{"DRAIN", 0, "drain", false}, Case{"NOLB 1/2", 0, "drain", false}}) {
    INFO(one.status << " " << one.admin);
    World world;
    world.add(Colour::blue, "b", 100);
    world.add(Colour::green, "g", 100, one.status, one.admin);
    const auto view = world.view();
    CHECK(view.weights == Weights(100, 100));
    CHECK(view.servers[1].state == one.state);
    CHECK(view.servers[1].usable == one.usable);
    CHECK(view.usable == PerColour<int>(1, one.usable ? 1 : 0));
    CHECK(view.effective == (one.usable ? Weights(50, 50) : Weights(100, 0)));
  }
}

TEST_CASE("a drained server of weight 0 that nobody drained is up") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 0, "DRAIN");
  CHECK(world.view().servers[1].state == "up");
  CHECK(world.view().usable.green == 1);
}

TEST_CASE("a backup counts nothing") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 100);
  world.stats.back().is_backup = true;
  CHECK(world.view().effective == Weights(100, 0));
  CHECK(world.view().usable == PerColour<int>(1, 0));
}

TEST_CASE("slow start counts what the server gets now") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 100);
  world.stats.back().weight = 25;
  CHECK(world.view().weights == Weights(100, 100));
  CHECK(world.view().effective == Weights(80, 20));
}

TEST_CASE("nobody usable: both shares are 0") {
  World world;
  world.add(Colour::blue, "b", 100, "DOWN");
  world.add(Colour::green, "g", 0);
  CHECK(world.view().effective == Weights(0, 0));
  CHECK(world.view().usable == PerColour<int>(0, 1));
}

TEST_CASE("rounding never makes a colour look idle, and shares add up") {
  for (int blue = 1; blue <= 256; ++blue) {
    World world;
    world.add(Colour::blue, "b", blue);
    world.add(Colour::green, "g", 1);
    const auto view = world.view();
    CHECK(view.effective.green >= 1);
    CHECK(view.effective.blue >= 1);
    CHECK(view.effective.blue + view.effective.green == 100);
  }
}

TEST_CASE("servers of neither colour take their part, and are told") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 0);
  world.add_other("spare", 100);
  const auto view = world.view();
  CHECK(view.effective == Weights(50, 0));
  CHECK(view.note.find("spare") != std::string::npos);
}

TEST_CASE("some servers of a colour down: the rest has less") {
  World world;
  world.add(Colour::blue, "b1", 100);
  world.add(Colour::blue, "b2", 100, "DOWN");
  world.add(Colour::green, "g1", 100);
  world.add(Colour::green, "g2", 100);
  const auto view = world.view();
  CHECK(view.weights == Weights(100, 100));
  CHECK(view.effective == Weights(33, 67));
  CHECK(view.usable == PerColour<int>(1, 2));
}

TEST_CASE("requests and those that wait are in flight") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.stats.back().sessions = 3;
  world.stats.back().queued = 2;
  world.add(Colour::green, "g", 0);
  const auto view = world.view();
  CHECK(view.in_flight.blue == 5);
  CHECK(view.in_flight.green == 0);
}

TEST_CASE("what cannot be shifted is said") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 0);
  CHECK(world.view().shiftable);
  CHECK(world.view().note.empty());
  CHECK_FALSE(world.view("operator").shiftable);
  CHECK(world.view("operator").note.find("level admin") != std::string::npos);
  const std::vector<std::pair<std::string, bool>> algorithms = {
      {"static-rr", false}, {"first", false}, {"source", true}};
  for (const auto& [algorithm, shiftable] : algorithms) {
    world.stats[0].algorithm = algorithm;
    CHECK(world.view().shiftable == shiftable);
    CHECK(world.view().note.find(algorithm) != std::string::npos);
  }
  world.stats[0].algorithm = "unknown";  // what 2.6 calls `random`
  world.stats[0].cookie = "SRV";
  CHECK(world.view().shiftable);
  CHECK(world.view().note == "cookie SRV keeps clients on their server, also at weight 0");
}

TEST_CASE("a status that HAProxy does not have is no guess") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 0, "FINE");
  const auto view = view_of(world.place, world.backend(), "admin");
  REQUIRE_FALSE(bool(view));
  CHECK(view.error().code == "SH1503");
  CHECK(view.error().evidence["text"] == "FINE");
}

TEST_CASE("a server that is not there is named, and the nearest suggested") {
  World world;
  world.add(Colour::blue, "blue", 100);
  world.add(Colour::green, "green", 0);
  world.place.servers.green = {"gren"};
  const auto backend = backend_of(world.place, world.stats, world.states);
  REQUIRE_FALSE(bool(backend));
  CHECK(backend.error().code == "SH1504");
  CHECK(backend.error().message == "backend 'shop' of the HAProxy at /run/haproxy.sock has no server 'gren'");
  CHECK(backend.error().remedy == "did you mean 'green'?");
  world.place.servers.green = {"BACKEND"};
  CHECK_FALSE(bool(backend_of(world.place, world.stats, world.states)));
}

TEST_CASE("what is raised comes first, and what is right is left alone") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 0);
  const auto switched = changes_to(world.place, world.backend(), Weights(0, 100));
  CHECK(commands_for(world.place, switched.raise) == std::vector<std::string>{"set server shop/g weight 100"});
  CHECK(commands_for(world.place, switched.lower) == std::vector<std::string>{"set server shop/b weight 0"});
  const auto same = changes_to(world.place, world.backend(), Weights(100, 0));
  CHECK(same.raise.empty());
  CHECK(same.lower.empty());
}

TEST_CASE("a raised colour is lifted out of maintenance and drain, another is not") {
  World world;
  world.add(Colour::blue, "b1", 100);
  world.add(Colour::blue, "b2", 100, "MAINT", 1);
  world.add(Colour::green, "g1", 0, "MAINT", 5);
  world.add(Colour::green, "g2", 0, "DRAIN", 8);
  const auto raised = changes_to(world.place, world.backend(), Weights(100, 50));
  CHECK(commands_for(world.place, raised.raise) ==
        std::vector<std::string>{"set server shop/g1 weight 50", "set server shop/g1 state ready",
                                 "set server shop/g2 weight 50", "set server shop/g2 state ready"});
  CHECK(raised.lower.empty());
  const auto lowered = changes_to(world.place, world.backend(), Weights(50, 0));
  CHECK(commands_for(world.place, lowered.lower) ==
        std::vector<std::string>{"set server shop/b1 weight 50", "set server shop/b2 weight 50"});
}

TEST_CASE("a colour that has its weight already, but no server in, is lifted; one at 0 is not") {
  World world;
  world.add(Colour::blue, "b", 0, "MAINT", 1);
  world.add(Colour::green, "g", 100, "MAINT", 1);
  const auto same = changes_to(world.place, world.backend(), Weights(0, 100));
  CHECK(commands_for(world.place, same.raise) ==
        std::vector<std::string>{"set server shop/g weight 100", "set server shop/g state ready"});
  CHECK(same.lower.empty());
  const auto inherited = [&] {
    auto other = world;
    other.states[1].admin = 2;  // it tracks a server that is out: `ready` cannot lift that
    return changes_to(other.place, other.backend(), Weights(0, 100));
  }();
  CHECK(inherited.raise.empty());
}

TEST_CASE("what does not read back was not kept") {
  World world;
  world.add(Colour::blue, "b", 100);
  world.add(Colour::green, "g", 30, "MAINT", 1);
  CHECK(bool(check_kept(world.backend(), {{"g", 30, false}})));
  const auto weight = check_kept(world.backend(), {{"b", 100, false}, {"g", 31, false}});
  REQUIRE_FALSE(bool(weight));
  CHECK(weight.error().code == "SH1506");
  CHECK(weight.error().evidence["server"] == "g");
  CHECK(weight.error().evidence["weight"] == 30);
  CHECK(check_kept(world.backend(), {{"g", 30, true}}).error().code == "SH1506");
}

}  // namespace

}  // namespace shunt::haproxy
