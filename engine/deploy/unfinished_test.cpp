// What a dead holder of another version left behind is ended from its journal, without its script.
#include "deploy/unfinished.hpp"

#include <doctest/doctest.h>

#include "effects/journal.hpp"
#include "spec/deployment.hpp"
#include "store/test_store.hpp"

using namespace shunt;
using namespace shunt::deploy;

namespace {

struct Silent : Reporter {
  void report(const Event&) override {}
};

struct NoScripts : ScriptRuntime {
  Result<AppFile> load_app(std::string, ReadFile, ReadEnvironment) override { return Error(); }
  Result<std::unique_ptr<Script>> load_strategy(std::string, ReadFile, ScriptLimits) override { return Error(); }
  const std::vector<Source>& bundled() const override { return none; }
  std::string library() const override { return ""; }
  std::vector<Source> none;
};

/// A state folder with runs of the app "shop", which has no services: nothing of the world is needed to end one.
struct Left {
  store::TemporaryFolder folder;
  Settings settings;
  Registry registry;
  NoScripts scripts;
  Silent reporter;
  Tools tools{settings, registry, scripts, reporter};
  Claim claim = taken();

  Claim taken() {
    settings.state_root = folder.path();
    settings.helpers = folder.path();
    auto result = Claim::take(settings, "shop", "resume");
    if (!result) FAIL(to_line(result.error()));
    return std::move(*result);
  }

  store::Run leave(const std::string& id, const std::string& state) {
    Deployment deployment;
    deployment.id = id;
    deployment.app = "shop";
    deployment.to = Colour::green;
    auto run = store::sample_run(id);
    run.state = state;
    run.engine_abi = 0;  // another engine's: its journal is not replayed
    run.started = wall_clock_ms();
    run.ended = 0;
    run.inputs = to_value(deployment);
    REQUIRE(claim.store().save(run));
    REQUIRE(claim.store().commit());
    return run;
  }

  void journal(const std::string& id, const std::string& kind, const Call& call, const Value& body = Value::object()) {
    auto entry = store::sample_entry(id);
    entry.kind = kind;
    entry.verb = call.verb;
    entry.args = call.args;
    entry.body = body;
    REQUIRE(claim.store().append(entry));
    REQUIRE(claim.store().commit());
  }

  std::string state_of(const std::string& id) {
    const auto run = claim.store().run(id);
    REQUIRE(run);
    REQUIRE(*run);
    return (*run)->state;
  }

  Ending settled(const store::Run& run) { return settle(claim, run, tools); }
};

}  // namespace

TEST_CASE("interrupted is what began and has no end, oldest first") {
  Left it;
  for (const auto* state : {"running", "succeeded", "waiting", "rolled_back", "needs_operator", "rolling_back"})
    it.leave(std::string("2026-") + state, state);
  const auto open = interrupted_runs(it.claim.store());
  REQUIRE(open);
  std::vector<std::string> states;
  for (const auto& run : *open) states.push_back(run.state);
  CHECK(states == std::vector<std::string>{"running", "waiting", "rolling_back"});
}

TEST_CASE("an interrupted run goes back, and says why") {
  Left it;
  const auto ending = it.settled(it.leave("a-run", "running"));
  CHECK(ending.exit == 1);
  CHECK(ending.state == "rolled_back");
  REQUIRE(ending.error);
  CHECK(ending.error->code == "SH1918");
  CHECK(it.state_of("a-run") == "rolled_back");
}

TEST_CASE("the reason that was journaled is the one that is told") {
  Left it;
  const auto run = it.leave("a-run", "rolling_back");
  const Error why("SH1611", Kind::gate, "the gate 'error rate' failed");
  it.journal("a-run", "decision", Call("roll back"), {{"error", to_value(why)}});
  CHECK(it.settled(run).error->code == "SH1611");
}

TEST_CASE("a hook that needs the script is listed, and the desk stays closed until somebody cares") {
  Left it;
  const auto run = it.leave("a-run", "running");
  it.journal("a-run", "hook", Call("script.undo", {{"name", "put the sign back"}}), {{"tier", "data"}});
  const auto ending = it.settled(run);
  CHECK(ending.exit == 3);
  CHECK(ending.state == "needs_operator");
  CHECK(ending.document["hooks"][0]["args"]["name"] == "put the sign back");
  CHECK(ending.document["hooks"][0]["state"] == "failed");

  const auto refused = clear_the_desk(it.claim, it.tools);
  REQUIRE(refused);
  CHECK(refused->exit == 3);
  CHECK(refused->error->code == "SH1927");
  REQUIRE(close_needing_operator(it.claim.store(), "repair"));
  CHECK(it.state_of("a-run") == "rolled_back");
  CHECK_FALSE(clear_the_desk(it.claim, it.tools));
}

TEST_CASE("a run that had begun to retire the old version goes on with it, and does not go back") {
  Left it;
  const auto run = it.leave("a-run", "running");
  const Call stop("instances.stop", {{"service", "web"}, {"color", "blue"}, {"id", "shop-web-blue-0"}});
  it.journal("a-run", "hook", Call("restore", {{"shares", Value::object()}}), {{"tier", "traffic"}});
  it.journal("a-run", "intent", stop);
  CHECK(it.settled(run).state == "succeeded");
}

TEST_CASE("an old version that was stopped whole before the run died is not kept on record") {
  Left it;
  const auto run = it.leave("a-run", "running");
  store::AppState before;
  before.live = Colour::blue;
  before.colors = {{"blue", {{"release", ""}, {"version", "v1"}, {"hold_until", 0}}}};
  REQUIRE(it.claim.store().save(before));
  const Call stop("instances.stop", {{"service", "web"}, {"color", "blue"}, {"id", "shop-web-blue-0"}});
  it.journal("a-run", "intent", stop);
  it.journal("a-run", "result", stop);
  CHECK(it.settled(run).state == "succeeded");
  const auto after = it.claim.store().state();
  REQUIRE(after);
  CHECK(after->live == Colour::green);
  CHECK_FALSE(after->colors.contains("blue"));
}

TEST_CASE("but a stop of the old version that was on purpose, with a way back, goes back") {
  Left it;
  const auto run = it.leave("a-run", "running");
  const Call stop("instances.stop", {{"service", "web"}, {"color", "blue"}, {"id", "shop-web-blue-0"}});
  it.journal("a-run", "hook", Call("revive", {{"color", "blue"}}), {{"tier", "target"}});
  it.journal("a-run", "intent", stop);
  CHECK(it.settled(run).state == "rolled_back");
}

TEST_CASE("the desk is cleared before anything else is done") {
  Left it;
  it.leave("a-run", "running");
  CHECK_FALSE(clear_the_desk(it.claim, it.tools));
  CHECK(it.state_of("a-run") == "rolled_back");
}
