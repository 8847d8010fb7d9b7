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

/// Two servers of a colour that are told where their instances are, at 127.0.0.1:80 so far.
World with_found(PerColour<std::vector<std::string>> instances) {
  World world;
  for (const auto* name : {"b0", "b1"}) world.add(Colour::blue, name, 100);
  for (const auto* name : {"g0", "g1"}) world.add(Colour::green, name, 0);
  world.place.tells_addresses = true;
  world.place.instances = std::move(instances);
  return world;
}

const std::string here = "127.0.0.1:80";

TEST_CASE("a server that is not where its instance is counts for nothing, and is stale while it has a weight") {
  auto world = with_found({{here, "10.0.0.2:80"}, {here}});
  auto view = world.view();
  CHECK(view.weights == Weights(100, 0));
  CHECK(view.usable == PerColour<int>(1, 1));
  CHECK(view.servers[1].address == here);
  CHECK_FALSE(view.servers[1].usable);
  CHECK(view.stale);

  world = with_found({{here, ""}, {here, here}});  // an instance without an address is nowhere
  view = world.view();
  CHECK(view.usable == PerColour<int>(1, 2));
  CHECK(view.stale);
  world.states[1].address = nowhere;
  CHECK(world.view().usable == PerColour<int>(1, 2));
  CHECK_FALSE(world.view().stale);

  world = with_found({{here, here}, {"10.0.0.9:80"}});  // what has no weight harms nobody
  CHECK_FALSE(world.view().stale);
  CHECK(world.view().effective == Weights(100, 0));
}

TEST_CASE("only servers of a colour with a weight are told addresses, and only those that are elsewhere") {
  auto world = with_found({{here, "10.0.0.2:80"}, {"10.0.0.3:80", "[fd00::1]:8080"}});
  auto changes = changes_to_place(world.place, world.backend(), Weights(100, 0));
  REQUIRE(bool(changes));
  CHECK(commands_for(world.place, *changes) == std::vector<std::string>{"set server shop/b1 addr 10.0.0.2 port 80"});

  for (auto& state : world.states) state.is_checked = true;
  changes = changes_to_place(world.place, world.backend(), Weights(100, 50));
  REQUIRE(bool(changes));
  CHECK(commands_for(world.place, *changes) ==
        std::vector<std::string>{"set server shop/b1 addr 10.0.0.2 port 80", "set server shop/g0 addr 10.0.0.3 port 80",
                                 "set server shop/g0 health down", "set server shop/g1 addr fd00::1 port 8080",
                                 "set server shop/g1 health down"});
  CHECK(check_kept(world.backend(), *changes).error().code == "SH1506");
  world.states[1].address = "10.0.0.2:80";
  world.states[2].address = "10.0.0.3:80";
  world.states[3].address = "[fd00::1]:8080";
  CHECK(bool(check_kept(world.backend(), *changes)));
  CHECK(changes_to_place(world.place, world.backend(), Weights(100, 50))->empty());
}

TEST_CASE("a server that comes out of maintenance somewhere else is down first") {
  auto world = with_found({{here, here}, {"10.0.0.3:80", here}});
  for (auto& state : world.states) state.is_checked = true;
  world.states[2].admin = forced_maintenance;
  world.states[3].admin = forced_maintenance;
  CHECK(commands_for(world.place, changes_to(world.place, world.backend(), Weights(100, 50)).raise) ==
        std::vector<std::string>{"set server shop/g0 state ready", "set server shop/g0 health down",
                                 "set server shop/g0 weight 50", "set server shop/g1 weight 50",
                                 "set server shop/g1 state ready"});
}

TEST_CASE("a server without an instance gets no weight; one whose instance has no address is sent nowhere") {
  auto world = with_found({{here, here}, {here}});
  for (const auto& change : changes_to(world.place, world.backend(), Weights(100, 50)).raise)
    CHECK((change.server == "g0" && change.weight == 100));  // of two that a colour may have
  world = with_found({{here, ""}, {}});
  for (auto& state : world.states) state.is_checked = true;
  const auto changes = changes_to_place(world.place, world.backend(), Weights(100, 0));
  REQUIRE(bool(changes));
  CHECK(commands_for(world.place, *changes) ==
        std::vector<std::string>{"set server shop/b1 addr 127.0.0.1 port 9", "set server shop/b1 health down"});
}

TEST_CASE("a colour is not raised that has too few servers, or nobody behind them, or names in place of addresses") {
  auto world = with_found({{here, here, here}, {here, here, here}});
  const auto to = [&](Weights weights) { return changes_to_place(world.place, world.backend(), weights); };
  CHECK(bool(to(Weights(100, 0))));  // blue is as it was
  auto refused = to(Weights(100, 1));
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1504");
  CHECK(refused.error().message ==
        "backend 'shop' of the HAProxy at /run/haproxy.sock has 2 servers for green (g0, g1), which has 3 instances");
  world.place.instances = {{""}, {"", ""}};
  CHECK(bool(to(Weights(100, 0))));
  refused = to(Weights(100, 1));
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1504");
  CHECK(refused.error().retryable);
  for (const auto* bad : {"web-green:80", "10.0.0.1", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0.1:80;show info"}) {
    world.place.instances = {{here, here}, {bad}};
    CHECK(to(Weights(100, 1)).error().code == "SH1504");
  }
}

}  // namespace

}  // namespace shunt::haproxy
