// Deployments whose engine is killed again and again, and machines that are started again in the middle.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <cmath>
#include <map>
#include <random>

#include "reference.hpp"

using namespace shunt;
using namespace shunt::crash;

namespace {

constexpr double mean_life_ms = 500;

// The instances are gone, the proxies are as their configuration says, nothing of the engine is left.
void start_machine_again(World& world) {
  world.instances.clear();
  for (const auto& [service, proxy] : std::map(world.proxies)) world.restart_proxy(service);
}

bool one_version_serves(const Rehearsal& rehearsal) {
  for (const auto& [service, proxy] : rehearsal.world.proxies) {
    const auto shares = rehearsal.world.effective(service);
    if (shares.blue != 100 && shares.green != 100) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("deployments under a kill storm: all reach an end") {
  std::map<std::string, int> ends;
  const auto all = stories();
  int deaths = 0;
  for (unsigned seed = 0; seed < static_cast<unsigned>(shunt::test::computed_size(60, 300, 1'000)); ++seed) {
    const auto& story = all[seed % all.size()];
    std::mt19937 random(seed);
    std::exponential_distribution<double> life(1 / mean_life_ms);
    Rehearsal rehearsal(story);
    auto next = static_cast<std::int64_t>(life(random)) + rehearsal.world.now();
    rehearsal.dies_before = [&](const Call&) {
      if (rehearsal.world.now() < next) return false;
      ++deaths;
      next = rehearsal.world.now() + static_cast<std::int64_t>(std::ceil(life(random)));
      return true;
    };
    const auto ending = rehearsal.run({});
    rehearsal.look_at_end(ending);
    INFO(seed << ": " << story.name() << " ended " << ending.state << " "
              << (ending.error ? to_line(*ending.error) : ""));
    for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
    ++ends[ending.state];
    if (ending.state != "needs_operator") continue;
    CHECK(ending.error->code == "SH1943");
    rehearsal.dies_before = nullptr;
    rehearsal.resolve("retry");
    CHECK(rehearsal.run({}).state == (story.bad ? "rolled_back" : "succeeded"));
  }
  MESSAGE(deaths, " deaths: ", ends["succeeded"], " succeeded, ", ends["rolled_back"], " rolled back, ",
          ends["needs_operator"], " died three times at the same entry, and went on when an operator said so");
}

TEST_CASE("the machine is started again before any Call: one version serves again, without a person") {
  int runs = 0;
  for (const auto& story : stories()) {
    const Reference reference(story);
    const int some = shunt::test::computed_size(13, 3, 1);
    for (int n = 1 + runs % some; n <= reference.calls; n += some) {
      Rehearsal rehearsal(story);
      rehearsal.meanwhile = [&](World& world) {
        start_machine_again(world);
        rehearsal.boot_id = "another boot";
      };
      const auto ending = rehearsal.run({Death(Cut::any_call, n)});
      rehearsal.look_at_end(ending);
      INFO(story.name() << ", before Call " << n << ": " << ending.state << " "
                        << (ending.error ? to_line(*ending.error) : ""));
      for (const auto& harm : rehearsal.harm()) FAIL_CHECK(harm);
      CHECK(ending.state == reference.state);
      if (!story.first || ending.state == "succeeded") CHECK(one_version_serves(rehearsal));
      ++runs;
    }
  }
  MESSAGE(runs, " reboots");
}
