// For every bundled strategy and n = 1, 2, 3 ...: the n-th Call to the world goes wrong, in each way there is.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <algorithm>

#include "config/test_size.hpp"
#include "deploy/test_rig.hpp"

using namespace shunt;
using namespace shunt::deploy::test;
using effects::test::World;

namespace {

struct Story {
  std::string name;
  std::vector<Call> calls;
  bool downtime = false;
  bool bad = false;    ///< the new version's errors rise once it has half of the traffic
  bool first = false;  ///< nothing served before
};

std::vector<Story> stories() {
  std::vector<Story> all;
  for (const bool bad : {false, true})
    for (const bool first : {false, true}) {
      if (first && !bad) continue;  // until the gate sees it, a bad version does what a good one does
      all.push_back({"blue_green", blue_green(1'000), false, bad, first});
      all.push_back({"gradual", gradual({10, 100}, 1'000), false, bad, first});
      all.push_back({"recreate", recreate(1'000), true, bad, first});
    }
  return all;
}

struct Fault {
  Trouble trouble = Trouble::none;
  bool for_ever = false;  ///< every later Call of that verb too
  int n = 0;
  std::function<void(World& world)> meanwhile = {};  ///< what happens in the world just before that Call
};

/// One deployment with one fault, and everything that must hold of it.
class Trial {
 public:
  Trial(const Story& story, Fault fault) : story_(story), fault_(fault), rig_(deployment_of(story)) {
    auto& world = rig_.world;
    world.trouble = [this](const Call& call, int n, int) { return trouble(call, n); };
    world.before = [this](const Call& call) { look_before(call); };
    world.after = [this](const Call&) { look_after(); };
    world.instead["metrics.query"] = [this](const Call&) {
      const bool breaks = story_.bad && rig_.world.effective("web")[rig_.deployment.to] >= 50;
      return std::optional(measured(breaks ? 0.2 : 0.0));
    };
  }

  void run() {
    end_ = rig_.deploy(story_.calls);
    look_at_end();
  }

  bool struck() const { return !verb_.empty(); }
  const std::string& verb() const { return verb_; }
  const Rig::End& end() const { return end_; }
  Rig& rig() { return rig_; }
  const std::vector<std::string>& harm() const { return harm_; }

 private:
  static Deployment deployment_of(const Story& story) {
    // Two services where it costs little: the trials grow with the square of the Calls.
    auto deployment = story.first ? first_version() : two_versions();
    if (story.name != "gradual" && !story.first) deployment = two_versions({"api", "web"});
    deployment.downtime = story.downtime;
    deployment.metrics = "model";
    deployment.gates = {gate("error rate")};
    for (auto& service : deployment.next.services) service.verify.consecutive = 2;
    return deployment;
  }

  Trouble trouble(const Call& call, int n) {
    if (n == fault_.n) verb_ = call.verb;
    if (n == fault_.n && fault_.meanwhile) fault_.meanwhile(rig_.world);
    const bool strikes = n == fault_.n || (fault_.for_ever && n > fault_.n && call.verb == verb_);
    return strikes ? fault_.trouble : Trouble::none;
  }

  void look_before(const Call& call) {
    if (call.verb != "instances.stop" || story_.downtime) return;
    const auto colour = *colour_named(call.args["color"].get<std::string>());
    if (rig_.world.effective(call.args["service"])[colour] > 0) harm_.push_back("stopped with traffic: " + call.verb);
  }

  void look_after() {
    if (fault_.meanwhile) return;  // what others do to users is not what is tried here
    for (const auto& [service, proxy] : rig_.world.proxies) {
      const auto shares = rig_.world.effective(service);
      if (!story_.downtime && !story_.first && shares.blue + shares.green == 0)
        harm_.push_back("nobody answers for " + service);
      const Seat fresh{service, rig_.deployment.to};
      if (shares[fresh.second] > 0 && rig_.facts().healthy.count(fresh) == 0)
        harm_.push_back("unproven traffic for " + service);
    }
  }

  bool listed(const std::string& verb) const {
    return std::any_of(end_.hooks.begin(), end_.hooks.end(),
                       [&](const Value& hook) { return hook["verb"] == verb && hook["state"] != "done"; });
  }

  void look_at_end() {
    const auto to = rig_.deployment.to;
    const auto from = rig_.deployment.from();
    const bool old_runs = rig_.world.runs(from);
    const bool new_runs = rig_.world.runs(to);
    for (const auto& [service, proxy] : rig_.world.proxies) {
      const auto shares = rig_.world.effective(service);
      if (end_.state == "succeeded" && shares[to] != 100) harm_.push_back("succeeded without all the traffic");
      if (end_.state == "rolled_back" && !story_.first && shares[from] != 100)
        harm_.push_back("rolled back without all the traffic");
    }
    if (end_.state == "succeeded" && old_runs) harm_.push_back("the old one was left running");
    if (end_.state == "rolled_back" && new_runs) harm_.push_back("the new one was left running");
    if (end_.state == "rolled_back" && !story_.first && !old_runs) harm_.push_back("the old one is gone");
    if (end_.state != "needs_operator") return;
    if (!end_.error) harm_.push_back("needs an operator, and does not say why");
    if (rig_.facts().committed) return;
    if (end_.hooks.size() != rig_.machinery.journal.hooks().size()) harm_.push_back("the list of hooks is not whole");
    if (new_runs && old_runs && !listed("retire") && !listed("restore")) harm_.push_back("left running, not listed");
  }

  const Story& story_;
  Fault fault_;
  Rig rig_;
  std::string verb_;
  Rig::End end_;
  std::vector<std::string> harm_;
};

constexpr int far_beyond = 2'000;

// Every n (in an ordinary run every third, from 1, 2 and 3 in turn) until the story ends before its n-th Call; what
// each is checked for besides what always holds.
void for_every_call(Fault fault, const std::function<void(const Story&, Trial&)>& check) {
  static int turn = 0;
  const int step = shunt::test::size(3, 1);
  for (const auto& story : stories())
    for (fault.n = 1 + turn++ % step;; fault.n += step) {
      REQUIRE(fault.n < far_beyond);
      Trial trial(story, fault);
      trial.run();
      if (!trial.struck()) break;
      const auto what =
          fmt::format("{}{}{}: Call {} ({}) went wrong, and it ended {}: {}", story.name, story.first ? ", first" : "",
                      story.bad ? ", bad version" : "", fault.n, trial.verb(), trial.end().state,
                      trial.end().error ? to_line(*trial.end().error) : "");
      INFO(what);
      for (const auto& harm : trial.harm()) FAIL_CHECK(harm);
      check(story, trial);
    }
}

void nothing_more(const Story&, Trial&) {}

void nobody_is_needed(const Story&, Trial& trial) {
  CHECK(trial.end().state != "needs_operator");
}

}  // namespace

TEST_CASE("without a fault every strategy ends as it should, and hurts nobody") {
  for (const auto& story : stories()) {
    Trial trial(story, Fault());
    trial.run();
    INFO(story.name << (story.bad ? " bad" : "") << (story.first ? " first" : ""));
    CHECK(trial.end().state == (story.bad ? "rolled_back" : "succeeded"));
    for (const auto& harm : trial.harm()) FAIL_CHECK(harm);
  }
}

TEST_CASE("the n-th Call fails") {
  for_every_call(Fault{Trouble::fail}, nothing_more);
}

TEST_CASE("the n-th Call times out, once: nobody is needed") {
  for_every_call(Fault{Trouble::timeout}, nobody_is_needed);
}

TEST_CASE("from the n-th on, every Call of its verb times out") {
  for_every_call(Fault{Trouble::timeout, true}, nothing_more);
}

TEST_CASE("the n-th Call is done, but its answer is lost") {
  for_every_call(Fault{Trouble::lost}, nothing_more);
}

TEST_CASE("the n-th Call is done, but its answer comes too late: nobody is needed") {
  for_every_call(Fault{Trouble::late}, nobody_is_needed);
}

TEST_CASE("before the n-th Call a proxy is restarted, and forgets") {
  Fault fault;
  fault.meanwhile = [](World& world) { world.restart_proxy("web"); };
  for_every_call(fault, nothing_more);
}

TEST_CASE("before the n-th Call somebody changes the shares") {
  Fault fault;
  fault.meanwhile = [](World& world) { world.proxies.at("web").weights = Weights(30, 70); };
  for_every_call(fault, nothing_more);
}
