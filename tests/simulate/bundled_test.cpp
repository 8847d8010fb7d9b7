// Bundled strategies on bad days.
#include <doctest/doctest.h>

#include "config/test_size.hpp"
#include "simulate/shrink.hpp"
#include "subjects.hpp"

using namespace shunt;
using namespace shunt::simulate;

namespace {

void show(const Outcomes& outcomes, const MakeSubject& make) {
  for (const auto& finding : outcomes.findings) {
    FAIL_CHECK(finding.kind << ": " << finding.what << " at " << finding.where.file << ":" << finding.where.line << "\n"
                            << to_test(make().deployment, finding));
    for (const auto& line : finding.timeline) MESSAGE(to_text(line));
  }
}

}  // namespace

TEST_CASE("every bundled strategy with all faults: no property is violated") {
  for (const char* strategy : {"blue_green", "gradual", "recreate"}) {
    const auto make = tried::subjects(strategy);
    Orders orders;
    orders.runs = shunt::test::computed_size(40, 1'000, 100'000);
    const auto outcomes = run_campaign(make, orders);
    show(outcomes, make);
    CHECK(outcomes.runs == orders.runs);
    CHECK(outcomes.replayed == orders.runs);
    for (const char* state : {"succeeded", "rolled_back", "needs_operator"}) CHECK(outcomes.ends.at(state) > 0);
    MESSAGE(std::string(strategy), ": ", outcomes.runs, " deployments, ", outcomes.calls, " Calls");
  }
}

TEST_CASE("first deployments with all faults") {
  for (const char* strategy : {"blue_green", "gradual", "recreate"}) {
    const auto make = tried::subjects(strategy, true);
    Orders orders;
    orders.runs = shunt::test::computed_size(20, 400, 20'000);
    show(run_campaign(make, orders), make);
  }
}

TEST_CASE("the engine dies at every point of every bundled strategy: it ends as it would have") {
  const std::vector<const char*> all = {"blue_green", "recreate", "gradual"};
  const auto some = static_cast<std::size_t>(shunt::test::computed_size(1, 3, 3));
  for (std::size_t i = 0; i < some; ++i) {
    const auto make = tried::subjects(all[i]);
    Orders orders;
    orders.crashes = true;
    const auto outcomes = run_campaign(make, orders);
    show(outcomes, make);
    CHECK(outcomes.ends.at("succeeded") == outcomes.runs);
    CHECK(outcomes.runs > 50);
  }
}

TEST_CASE("the same seed gives the same, with any number of threads; another seed something else") {
  const auto trace = [](unsigned workers, std::uint64_t seed) {
    Orders orders;
    orders.runs = 25;
    orders.workers = workers;
    orders.seed = seed;
    return run_campaign(tried::subjects("gradual"), orders).trace;
  };
  CHECK(trace(1, 7) == trace(3, 7));
  CHECK(trace(1, 7) != trace(1, 8));
}

TEST_CASE("what is drawn from a seed can be written down and read again") {
  const auto subject = tried::subjects("gradual")();
  Course course;
  course.verbs = {{"proxy.set", 6}, {"metrics.query", 6}};
  course.calls = 80;
  course.steps = 8;
  course.elapsed_ms = 4'000;
  std::set<std::string> kinds;
  for (std::uint64_t seed = 1; seed < 400; ++seed) {
    const auto faults = draw(subject.deployment, course, fault_names(), seed);
    CHECK(faults == draw(subject.deployment, course, fault_names(), seed));
    CHECK(faults.size() <= 4);
    for (const auto& fault : faults) kinds.insert(fault.what);
  }
  CHECK(kinds.size() == fault_names().size());
  CHECK(to_lua(Fault("fail", {{"verb", "proxy.set"}, {"nth", 2}, {"error", "timeout"}})) ==
        "world:fail(\"proxy.set\", { error = \"timeout\", nth = 2 })");
  CHECK(to_lua(Fault("down", {{"what", "proxy"}, {"duration_ms", 30'000}})) == "world:down(\"proxy\", \"30s\")");
  CHECK(to_lua(Fault("crash", {{"after_step", 7}})) == "world:crash { after_step = 7 }");
}
