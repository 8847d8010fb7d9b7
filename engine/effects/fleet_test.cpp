// Whom a proxy is told of whose instances are where only their runtime knows.
#include "effects/fleet.hpp"

#include <doctest/doctest.h>

#include "deploy/test_rig.hpp"
#include "loop/run.hpp"
#include "model/machine.hpp"

using namespace shunt;

namespace {

using Addresses = PerColour<std::vector<std::string>>;

/// A runtime that lists what a test says.
struct ListingRuntime : Runtime {
  const std::vector<InstanceState>& listed;

  explicit ListingRuntime(const std::vector<InstanceState>& listed) : listed(listed) {}
  Task<Result<InstanceState>> ensure(InstanceSpec) override { co_return InstanceState(); }
  Task<Result<void>> stop(std::string, Milliseconds) override { co_return Result<void>(); }
  Task<Result<std::vector<InstanceState>>> list(std::string) override { co_return listed; }
  Task<Result<std::string>> logs(std::string, int) override { co_return std::string(); }
  Task<Result<Listener>> listener(std::string, std::string) override { co_return Listener(); }
};

/// A proxy that keeps what it is told.
struct HearingProxy : Proxy {
  std::vector<Addresses>& fixed;
  std::vector<Addresses>& found;

  HearingProxy(std::vector<Addresses>& fixed, std::vector<Addresses>& found) : fixed(fixed), found(found) {}
  void instances_at(Addresses addresses) override { fixed.push_back(std::move(addresses)); }
  void instances_found_at(Addresses addresses) override { found.push_back(std::move(addresses)); }
  Task<Result<ProxyView>> observe() override { co_return ProxyView(); }
  Task<Result<void>> apply(Weights) override { co_return Result<void>(); }
  std::string target() const override { return "hears"; }
};

struct Hearing {
  Deployment deployment = deploy::test::two_versions();
  std::vector<InstanceState> listed;
  std::vector<Addresses> fixed;
  std::vector<Addresses> found;
  model::Machine machine{deployment};
  Registry registry;
  asio::io_context loop;

  Hearing() {
    Adapter<Runtime> runtime;
    runtime.info.name = "lists";
    runtime.make = [this](Context&, const Value&) { return std::make_unique<ListingRuntime>(listed); };
    registry.add(runtime);
    Adapter<Proxy> proxy;
    proxy.info.name = "hears";
    proxy.make = [this](Context&, const Value&) { return std::make_unique<HearingProxy>(fixed, found); };
    registry.add(proxy);
    for (auto* side : {&deployment.next, &deployment.prior})
      for (auto& service : side->services) {
        service.runtime = "lists";
        service.proxy = "hears";
      }
  }

  /// Places that are found later.
  void places(Colour colour, int count) {
    auto& side = colour == deployment.to ? deployment.next : deployment.prior;
    auto& list = side.services.front().places;
    list.clear();
    for (int i = 0; i < count; ++i) {
      Place place;
      place.index = i;
      place.port = 8080;
      list.push_back(place);
    }
  }

  void runs(Colour colour, int index, const std::string& address) {
    InstanceState one;
    one.id = "shop-web-" + std::string(name_of(colour)) + "-" + std::to_string(index);
    one.labels.service = "web";
    one.labels.color = colour;
    one.index = index;
    one.address = address;
    listed.push_back(one);
  }

  Addresses told() {
    effects::Fleet fleet(deployment, machine.context(), registry);
    REQUIRE(loop::run(loop, fleet.current_proxy("web")));
    return found.empty() ? Addresses() : found.back();
  }
};

}  // namespace

TEST_CASE("addresses are told in order of index, with a gap for an instance that has none") {
  Hearing it;
  it.places(Colour::blue, 12);
  it.places(Colour::green, 2);
  for (const int index : {0, 2, 10, 11}) it.runs(Colour::blue, index, "10.0.0." + std::to_string(index) + ":80");
  it.runs(Colour::blue, 1, "");
  const auto told = it.told();
  CHECK(told.blue == std::vector<std::string>{"10.0.0.0:80", "", "10.0.0.2:80", "", "", "", "", "", "", "",
                                              "10.0.0.10:80", "10.0.0.11:80"});
  CHECK(told.green == std::vector<std::string>{"", ""});
}

TEST_CASE("what runs without a place of its own is told as well, and an index that cannot be is not") {
  Hearing it;
  it.places(Colour::green, 1);
  it.places(Colour::blue, 0);
  it.runs(Colour::blue, 1, "10.0.0.1:80");
  it.runs(Colour::green, -1, "10.0.0.7:80");
  it.runs(Colour::green, 2'000'000'000, "10.0.0.8:80");
  const auto told = it.told();
  CHECK(told.blue == std::vector<std::string>{"", "10.0.0.1:80"});
  CHECK(told.green == std::vector<std::string>{""});
}

TEST_CASE("a proxy whose instances' addresses are known beforehand is told those once, and asks no runtime") {
  Hearing it;
  it.runs(Colour::blue, 0, "10.0.0.1:80");
  it.told();
  CHECK(it.found.empty());
  REQUIRE(it.fixed.size() == 1);
  CHECK(it.fixed.front().blue.size() == 1);
}

TEST_CASE("by default a proxy hears of those that have an address") {
  struct Plain : HearingProxy {
    using HearingProxy::HearingProxy;
    void instances_found_at(Addresses addresses) override { Proxy::instances_found_at(std::move(addresses)); }
  };
  Hearing it;
  Plain proxy(it.fixed, it.found);
  proxy.instances_found_at({{"", "a:1"}, {""}});
  CHECK(it.fixed.back() == Addresses({"a:1"}, {}));
}
