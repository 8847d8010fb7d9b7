// Every safety property can be violated: what the engine would have to do for that, done by hand.
#include "simulate/watch.hpp"

#include <doctest/doctest.h>

#include "simulate/stand_in.hpp"

using namespace shunt;
using namespace shunt::simulate;

namespace {

const Call read_proxy("proxy.get", {{"service", "web"}});

/// A world in which v1 (blue) serves, and a watch over it that has seen the proxy read.
struct Watched {
  Deployment deployment;
  World world;
  Watch watch;

  explicit Watched(Deployment given = stand_in("v2", false))
      : deployment(std::move(given)), world(deployment, 0), watch(world) {
    watch.after(read_proxy, Outcome(Value::object()));
  }

  void start(Colour colour, const std::string& id = "") {
    const auto& service = *deployment.service("web", colour);
    InstanceSpec spec;
    spec.id = id.empty() ? service.places.front().id : id;
    spec.address = service.places.front().address;
    spec.config = Value::object();
    spec.labels.app = deployment.app;
    spec.labels.service = "web";
    spec.labels.color = colour;
    spec.labels.version = deployment.side(colour).version;
    spec.labels.run = deployment.id;
    world.machine.runtime.begin(spec);
    world.machine.clock.pass(Milliseconds(1'000));
    world.machine.look();
  }

  void prove_green() {
    watch.after(Call("instances.health", {{"service", "web"}, {"color", "green"}, {"index", 0}}),
                Outcome(Value{{"ok", true}}));
    watch.after(Call("probe.http", {{"url", "http://127.0.0.1:3001/"}}), Outcome(Value{{"ok", true}}));
  }

  void set(int blue, int green) {
    const Call call("proxy.set", {{"service", "web"}, {"blue", blue}, {"green", green}});
    watch.before(call);
    world.machine.proxies.at("web")->set_weights(Weights(blue, green));
    watch.after(call, Outcome());
  }

  void end(const std::string& state, std::int64_t elapsed_ms = 1'000) {
    Ending ending;
    ending.state = state;
    store::AppState recorded;
    watch.at_end(ending, recorded, elapsed_ms);
  }

  std::string violated() const {
    std::string all;
    for (const auto& one : watch.violations()) all += (all.empty() ? "" : " ") + one.property;
    return all;
  }
};

}  // namespace

TEST_CASE("a deployment as it should go violates nothing") {
  Watched it;
  it.start(Colour::green);
  it.prove_green();
  it.set(100, 10);
  it.set(90, 10);
  it.set(0, 100);
  const Call stop("instances.stop", {{"service", "web"}, {"color", "blue"}, {"id", "shop-web-blue-0"}});
  it.watch.before(stop);
  static_cast<void>(it.world.machine.runtime.stop("shop-web-blue-0", Milliseconds(0)));
  CHECK(it.violated().empty());
}

TEST_CASE("no-blackout") {
  Watched it;
  it.set(0, 0);
  CHECK(it.violated() == "no-blackout");
  Watched downtime([] {
    auto deployment = stand_in("v2", false);
    deployment.downtime = true;
    return deployment;
  }());
  downtime.set(0, 0);
  CHECK(downtime.violated().empty());
}

TEST_CASE("no-blackout: what somebody else took away is not the engine's doing") {
  Watched it;
  it.world.add(Fault("sicken", {{"side", "old"}}));
  it.set(100, 0);
  CHECK(it.violated().empty());
}

TEST_CASE("no-unproven-traffic") {
  Watched unseen;
  unseen.start(Colour::green);
  unseen.set(100, 50);
  CHECK(unseen.violated() == "no-unproven-traffic");
  Watched without_smoke;
  without_smoke.start(Colour::green);
  without_smoke.watch.after(Call("instances.health", {{"service", "web"}, {"color", "green"}, {"index", 0}}),
                            Outcome(Value{{"ok", true}}));
  without_smoke.set(100, 50);
  CHECK(without_smoke.violated() == "no-unproven-traffic");
}

TEST_CASE("no-early-stop") {
  Watched it;
  it.watch.before(Call("instances.stop", {{"service", "web"}, {"color", "blue"}, {"id", "shop-web-blue-0"}}));
  CHECK(it.violated() == "no-early-stop");
}

TEST_CASE("one-version-at-the-end and nothing-orphaned") {
  Watched it;
  it.start(Colour::green);
  it.prove_green();
  it.set(50, 50);
  it.end("succeeded");
  CHECK(it.violated() == "one-version-at-the-end nothing-orphaned");
}

TEST_CASE("rollback-restores") {
  Watched it;
  it.start(Colour::green);
  it.prove_green();
  it.set(10, 90);
  it.end("rolled_back");
  CHECK(it.violated() == "one-version-at-the-end rollback-restores nothing-orphaned");
}

TEST_CASE("one-singleton") {
  auto deployment = stand_in("v2", false);
  deployment.next.services.front().singleton = true;
  deployment.prior.services.front().singleton = true;
  Watched it(deployment);
  it.start(Colour::green);
  it.watch.after(Call("instances.start", {{"service", "web"}, {"color", "green"}, {"index", 0}}), Outcome());
  CHECK(it.violated() == "one-singleton");
}

TEST_CASE("bounded") {
  Watched late;
  late.end("rolled_back", late.deployment.timeout_ms * 2);
  CHECK(late.violated() == "bounded");
  Watched never;
  never.end("");
  CHECK(never.violated() == "bounded");
}
