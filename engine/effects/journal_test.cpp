#include "effects/journal.hpp"

#include <doctest/doctest.h>

#include "store/test_store.hpp"
#include "store/test_watched_store.hpp"

using namespace shunt;
using effects::Journal;
using effects::Position;
using effects::Tier;
using effects::Undo;

namespace {

struct Listener : Reporter {
  std::vector<Event> events;
  void report(const Event& event) override { events.push_back(event); }
};

struct Desk {
  store::TemporaryFolder folder;
  store::WatchedStore watched{store::writer(folder.path())};
  Listener listener;
  std::int64_t time = 1'000;
  Journal journal{&watched, "this-run", listener, [this] { return time; }};
};

}  // namespace

TEST_CASE("what is announced is held back until what was recorded before it is durable") {
  Desk desk;
  desk.journal.result(Position("0", 1), Call("proxy.set"), Outcome());
  desk.journal.announce(Event("step", {{"state", "done"}}));
  CHECK(desk.listener.events.empty());
  desk.time = 2'000;
  desk.journal.before_waiting();
  REQUIRE(desk.listener.events.size() == 1);
  CHECK(desk.listener.events[0].time == 1'000);
  CHECK(desk.listener.events[0].deployment == "this-run");
  CHECK(desk.watched.commits.size() == 1);
}

TEST_CASE("after the first commit that failed nothing is recorded, told or tried again") {
  Desk desk;
  desk.watched.fails_from = 1;
  desk.journal.announce(Event("step", {{"state", "begin"}}));
  const auto seq = desk.journal.intent(Position("0", 1), Call("proxy.set"));
  REQUIRE_FALSE(seq);
  CHECK(seq.error().code == "SH1804");
  desk.journal.decision("roll back", Value::object());
  desk.journal.before_waiting();
  CHECK_FALSE(desk.journal.commit());
  CHECK(desk.watched.commits.size() == 1);
  CHECK(desk.listener.events.empty());
}

TEST_CASE("hooks come back from the journal as they were registered") {
  Desk desk;
  const Undo traffic(Tier::traffic, Call("restore", {{"shares", {{"web", {{"blue", 100}, {"green", 0}}}}}}));
  const Undo target(Tier::target, Call("revive", {{"color", "blue"}}));
  desk.journal.hook(Position("0/1", 2), traffic);
  desk.journal.hook(Position("0/1", 3), target);
  REQUIRE(desk.journal.intent(Position("0/1", 3), Call("proxy.set")));
  const auto entries = desk.watched.entries("this-run");
  REQUIRE(entries);
  const auto hooks = effects::hooks_in(*entries);
  REQUIRE(hooks.size() == 2);
  CHECK(hooks[0].tier == Tier::traffic);
  CHECK(hooks[0].call.verb == "restore");
  CHECK(hooks[0].call.args == traffic.call.args);
  CHECK(hooks[1].tier == Tier::target);
  CHECK(hooks[1].call.args == target.call.args);
}

TEST_CASE("an operator's word is journaled in the transaction that takes it from the inbox") {
  Desk desk;
  auto message = store::sample_message("this-run");
  const auto id = desk.watched.post(message);
  REQUIRE(id);
  message.id = *id;
  desk.journal.operator_said(message);
  desk.journal.before_waiting();
  CHECK(desk.watched.commits == std::vector<std::vector<std::string>>{{"operator approve"}});
  const auto inbox = desk.watched.inbox("this-run");
  REQUIRE(inbox);
  CHECK(inbox->at(0).taken);
}

TEST_CASE("tiers are known by their names, and an unknown one waits for the end") {
  for (const auto tier : {Tier::target, Tier::traffic, Tier::capacity, Tier::data, Tier::clean_up})
    CHECK(effects::tier_named(effects::name_of(tier)) == tier);
  CHECK(effects::tier_named("whatever") == Tier::clean_up);
}

TEST_CASE("without a store, as in a plan, it only counts") {
  Listener listener;
  Journal journal(nullptr, "this-run", listener, [] { return 1; });
  const auto first = journal.intent(Position("0", 0), Call("proxy.set"));
  const auto second = journal.intent(Position("0", 1), Call("proxy.set"));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*second == *first + 1);
  CHECK_FALSE(journal.halted());
}
