#include "harness/own_network.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <future>
#include <stdexcept>
#include <thread>

#include "harness/program.hpp"

using namespace shunt::harness;

namespace {

std::filesystem::path network_of_this_thread() {
  return std::filesystem::read_symlink("/proc/thread-self/ns/net");
}

}  // namespace

// Each in a process of its own: another test may have entered the network already.
TEST_CASE("helper: what runs already is in the machine's network" * doctest::skip()) {
  Program early({{"sleep", "60"}});
  early.start();
  CHECK_THROWS_AS(enter_own_network(), std::logic_error);
  early.kill();
  CHECK_NOTHROW(enter_own_network());
  early.start();
  CHECK_NOTHROW(enter_own_network());
}

TEST_CASE("helper: threads and programs are in the network of who starts them" * doctest::skip()) {
  std::promise<void> entered;
  auto early = std::async(std::launch::async, [&, done = entered.get_future()]() mutable {
    done.wait();
    const auto before = network_of_this_thread();
    enter_own_network();
    return std::make_pair(before, network_of_this_thread());
  });
  const auto machines = network_of_this_thread();
  enter_own_network();
  entered.set_value();
  const auto own = network_of_this_thread();
  CHECK(own != machines);
  CHECK(early.get() == std::make_pair(machines, own));
  CHECK(std::async(std::launch::async, network_of_this_thread).get() == own);
  CHECK(run({{"readlink", "/proc/self/ns/net"}}).out == own.string() + "\n");
  CHECK(run({{"ip", "-brief", "address"}}).out.starts_with("lo               UNKNOWN        127.0.0.1/8"));
  CHECK(run({{"ip", "route"}}).out == "");
}

TEST_CASE("a test's own network") {
  for (const std::string name : {"what runs already", "threads and programs"}) {
    const auto ran = run({{"/proc/self/exe", "--no-skip", "--test-case=helper: " + name + "*"}});
    CHECK_MESSAGE(ran.code() == 0, ran.output());
    CHECK_MESSAGE(ran.out.find(" 1 passed | 0 failed") != std::string::npos, ran.output());
  }
}

TEST_CASE("addresses are kept apart, and end with their devices") {
  enter_own_network();
  const auto devices = [] { return run({{"ip", "-brief", "link"}}).out; };
  const auto before = devices();
  {
    const AddressBlock one;
    const AddressBlock two;
    CHECK(one.network() != two.network());
    one.make_bridge();
    two.make_bridge();
    CHECK_THROWS_AS(one.make_bridge(), std::runtime_error);
    CHECK(devices().find(one.bridge() + " ") != std::string::npos);
  }
  CHECK(devices() == before);
}
