// What is durable when, seen by a second reader of the same store.
#include "effects/waist.hpp"

#include <doctest/doctest.h>
#include <algorithm>

#include "deploy/test_rig.hpp"
#include "store/test_store.hpp"
#include "store/test_watched_store.hpp"

using namespace shunt;
using namespace shunt::deploy::test;

namespace {

using Kinds = std::vector<std::string>;

/// A rig over a real store in a folder of its own, and a second connection to it.
struct Journaled {
  store::TemporaryFolder folder;
  store::WatchedStore watched{store::writer(folder.path())};
  std::unique_ptr<store::Store> reader = store::opened(folder.path(), store::Mode::read);
  Rig rig;

  explicit Journaled(Deployment deployment = two_versions()) : rig(std::move(deployment), &watched) {}

  std::vector<store::Entry> entries() {
    auto read = reader->entries(rig.deployment.id);
    REQUIRE(read);
    return *read;
  }

  Kinds kinds() {
    Kinds found;
    for (const auto& entry : entries()) found.push_back(entry.kind + " " + entry.verb);
    return found;
  }

  bool is_durable(const std::string& what) {
    const auto found = kinds();
    return std::find(found.begin(), found.end(), what) != found.end();
  }
};

Call start_at(int index) {
  return Call("instances.start", {{"service", "web"}, {"color", "green"}, {"index", index}});
}

Call get() {
  return Call("proxy.get", {{"service", "web"}});
}

}  // namespace

TEST_CASE("an intent is durable before its effect starts, and the effect knows its number") {
  Journaled it;
  int effects = 0;
  it.rig.world.before = [&](const Call& call) {
    if (call.verb != "instances.start") return;
    ++effects;
    const auto last = it.entries().back();
    CHECK(last.kind == "intent");
    CHECK(last.verb == "instances.start");
    CHECK(last.args == call.args);
    CHECK(last.seq == call.seq);
  };
  REQUIRE(it.rig.perform("launch").ok());
  CHECK(effects == 1);
}

TEST_CASE("a result is durable before what comes after it starts") {
  Journaled it(two_versions({"api", "web"}));
  Kinds before_second;
  it.rig.world.before = [&](const Call& call) {
    if (call.verb == "instances.start" && call.args["service"] == "web") before_second = it.kinds();
  };
  REQUIRE(it.rig.perform("launch").ok());
  CHECK(std::count(before_second.begin(), before_second.end(), "result instances.start") == 1);
}

TEST_CASE("an undo becomes durable in the transaction of the intent that it undoes") {
  Journaled it;
  REQUIRE(it.rig.perform("launch").ok());
  const auto& commits = it.watched.commits;
  const auto with_hook = std::find_if(commits.begin(), commits.end(), [](const Kinds& commit) {
    return std::find(commit.begin(), commit.end(), "hook retire") != commit.end();
  });
  REQUIRE(with_hook != commits.end());
  CHECK(with_hook->back() == "intent instances.start");
  CHECK(*std::prev(with_hook->end(), 2) == "hook retire");
}

TEST_CASE("effects one after the other take one commit each, and the last result one more") {
  Journaled it;
  REQUIRE(it.rig.perform_all({start_at(0), start_at(0), start_at(0)}).ok());
  CHECK(it.watched.commits == std::vector<Kinds>{{"intent instances.start"},
                                                 {"result instances.start", "intent instances.start"},
                                                 {"result instances.start", "intent instances.start"},
                                                 {"result instances.start"}});
}

TEST_CASE("observations and waiting take no commit, and become durable with the next one") {
  Journaled it;
  const Call sleep("clock.sleep", {{"duration_ms", 60'000}});
  REQUIRE(it.rig.perform_all({get(), get(), sleep, get()}).ok());
  CHECK(it.watched.commits.empty());
  REQUIRE(it.rig.perform("instances.start", start_at(0).args).ok());
  CHECK(it.watched.commits.front() == Kinds{"progress proxy.get", "progress proxy.get", "timer clock.sleep",
                                            "progress proxy.get", "intent instances.start"});
}

TEST_CASE("a step that finds nothing to change takes no commit, one that changes something does") {
  Journaled it;
  REQUIRE(it.rig.perform("revive").ok());
  CHECK(it.watched.commits.empty());
  it.rig.world.instances.clear();
  REQUIRE(it.rig.perform("revive").ok());
  CHECK(it.is_durable("result revive"));
}

TEST_CASE("the result of what must not be done twice is durable at once") {
  Journaled it;
  bool durable = false;
  REQUIRE(it.rig
              .run([&](Scope scope) -> Task<Outcome> {
                return [](Scope inside, Journaled* journaled, bool* seen) -> Task<Outcome> {
                  Call post("http.request", {{"method", "POST"}, {"url", "http://elsewhere.test/"}});
                  Outcome outcome = co_await inside.perform(std::move(post));
                  *seen = journaled->is_durable("result http.request");
                  co_return std::move(outcome);
                }(std::move(scope), &it, &durable);
              })
              .ok());
  CHECK(durable);
}

TEST_CASE("nothing is told of a result before it is durable") {
  Journaled it;
  int told = 0;
  it.rig.heard = [&](const Event& event) {
    if (event.name != "step" || event.fields["state"] != "done") return;
    const auto verb = event.fields["step"].get<std::string>();
    if (verb != "instances.start" && verb != "launch") return;
    ++told;
    CHECK(it.is_durable("result " + verb));
  };
  REQUIRE(it.rig.perform("launch").ok());
  CHECK(told == 2);
}

TEST_CASE("a registered rollback function is durable before the script waits") {
  Journaled it;
  const Call promise("on_rollback", {{"name", "put the sign back"}});
  bool durable = false;
  it.rig.world.after = [&](const Call&) { durable = true; };
  REQUIRE(it.rig.perform_all({promise, Call("clock.sleep", {{"duration_ms", 1'000}})}).ok());
  CHECK(it.is_durable("hook script.undo"));
  CHECK(it.watched.commits.size() == 1);
  CHECK(durable);
}

TEST_CASE("a decision and the results before it are one transaction with the first undo's intent") {
  Journaled it;
  REQUIRE(it.rig.perform("launch").ok());
  it.watched.commits.clear();
  it.rig.machinery.journal.decision("roll back", Value::object());
  REQUIRE(it.rig.perform("rollback").ok());
  const auto& first = it.watched.commits.front();
  CHECK(first.at(0) == "decision roll back");
  CHECK(first.at(1) == "intent rollback");
}

TEST_CASE("when the store cannot be written nothing more is done, or told") {
  Journaled it(two_versions({"api", "web"}));
  it.watched.fails_from = 2;  // the second start's intent
  std::size_t calls = 0;
  std::size_t events = 0;
  it.rig.world.before = [&](const Call&) { calls = it.rig.world.calls.size(); };
  it.rig.heard = [&](const Event&) { ++events; };
  const auto outcome = it.rig.perform("launch");
  REQUIRE(code_of(outcome) == "SH1804");
  CHECK(outcome.error->control);
  CHECK(it.rig.world.lines({"instances.start"}) == Kinds{"instances.start api green 0"});
  const auto calls_then = calls;
  const auto events_then = events;
  CHECK(code_of(it.rig.perform("proxy.get", get().args)) == "SH1804");
  CHECK(code_of(it.rig.perform("rollback")) == "SH1804");
  CHECK(calls == calls_then);
  CHECK(events == events_then);
  REQUIRE(it.rig.machinery.journal.halted());
  CHECK_FALSE(it.is_durable("result instances.start"));
}

TEST_CASE("secrets are masked wherever an outcome goes") {
  Journaled it;
  it.rig.world.instead["exec.run"] = [](const Call&) { return Outcome(Value{{"stdout", "pass hunter2!"}}); };
  it.rig.world.instead["probe.http"] = [](const Call&) {
    return Outcome(Error("SH1701", Kind::adapter, "no answer from http://ada:hunter2@there/"));
  };
  CHECK(it.rig.perform("exec.run", {{"argv", {"x"}}}).value["stdout"] == "pass ***!");
  CHECK(it.rig.perform("probe.http").error->message == "no answer from http://ada:***@there/");
  REQUIRE(it.rig.machinery.journal.commit());
  for (const auto& entry : it.entries()) CHECK(to_text(entry.body).find("hunter2") == std::string::npos);
}

TEST_CASE("a long string is cut, and says how much is missing") {
  Rig rig(two_versions());
  constexpr std::size_t kept = 256 * 1024;
  rig.world.instead["exec.run"] = [](const Call&) {
    return Outcome(Value{{"stdout", std::string(kept + 7, 'x')}, {"stderr", std::string(kept, 'y')}});
  };
  const auto value = rig.perform("exec.run", {{"argv", {"x"}}}).value;
  CHECK(value["stdout"].get<std::string>().substr(kept) == "\n... (7 bytes more were cut)");
  CHECK(value["stderr"].get<std::string>().size() == kept);
}

TEST_CASE("values come back as the journal keeps them") {
  Rig rig(two_versions());
  rig.world.instead["metrics.query"] = [](const Call&) { return Outcome(Value{{"whole", 1}, {"real", 1.0}}); };
  const auto value = rig.perform("metrics.query").value;
  CHECK(value["whole"].is_number_integer());
  CHECK(value["real"].is_number_float());
}

TEST_CASE("a refusal names the author's line and the step") {
  Rig rig(two_versions());
  const Call shift("shift", {{"percent", 10}}, Where{"deploy.lua", 7});
  const auto outcome = rig.perform_all({shift});
  CHECK(code_of(outcome) == "SH1320");
  CHECK(outcome.error->where.file == "deploy.lua");
  CHECK(outcome.error->where.line == 7);
  CHECK(outcome.error->step == "shift");
  CHECK(rig.world.calls.empty());
}

TEST_CASE("a failure deep inside a step names the line of the step") {
  Rig rig(two_versions());
  rig.world.trouble = [](const Call& call, int, int) {
    return call.verb == "instances.start" ? Trouble::fail : Trouble::none;
  };
  const auto outcome = rig.perform_all({Call("launch", Value::object(), Where{"deploy.lua", 3})});
  CHECK(outcome.error->where.line == 3);
  CHECK(outcome.error->step == "instances.start");
}

TEST_CASE("a verb that does not exist is no Call") {
  Rig rig(two_versions());
  const auto outcome = rig.perform_all({Call("migrate", Value::object(), Where{"deploy.lua", 5})});
  CHECK(code_of(outcome) == "SH1004");
  CHECK(outcome.error->where.line == 5);
  CHECK(rig.world.calls.empty());
}

TEST_CASE("what a cancelled branch asks for later is refused with the reason") {
  Rig rig(two_versions());
  rig.machinery.turns.cancel("0", Error("SH1910", Kind::cancelled, "it was aborted"));
  const auto outcome = rig.perform_all({get()});
  CHECK(code_of(outcome) == "SH1910");
  CHECK(outcome.error->control);
  CHECK(rig.world.calls.empty());
}

TEST_CASE("every entry has a position of its own: the step's branch lies below the step") {
  Journaled it;
  REQUIRE(it.rig.perform_all({get(), Call("launch"), get()}).ok());
  REQUIRE(it.rig.machinery.journal.commit());
  std::vector<std::string> places;
  for (const auto& entry : it.entries())
    if (entry.kind != "result" && entry.verb != "clock.sleep")
      places.push_back(entry.verb + " " + entry.branch + "." + std::to_string(entry.index));
  CHECK(places == Kinds{"proxy.get 0.0", "launch 0.1", "proxy.get 0/1.0", "instances.list 0/1.1", "retire 0/1.2",
                        "instances.start 0/1.2", "proxy.get 0.2"});
}
