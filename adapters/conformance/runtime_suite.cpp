#include "adapters/conformance/runtime_suite.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <algorithm>

#include "config/catalogue.hpp"
#include "loop/deadline.hpp"

namespace shunt::conformance {

namespace {

constexpr Milliseconds grace{2'000};

InstanceState ensure(RuntimeBench& bench, const InstanceSpec& spec) {
  auto ensured = bench.run(bench.runtime().ensure(spec));
  const std::string problem = ensured ? "" : to_paragraph(ensured.error());
  INFO(problem);
  REQUIRE(bool(ensured));
  return *ensured;
}

void stop(RuntimeBench& bench, const std::string& id, Milliseconds limit = grace) {
  const auto stopped = bench.run(bench.runtime().stop(id, limit));
  REQUIRE(bool(stopped));
}

std::vector<InstanceState> list(RuntimeBench& bench, const std::string& app = "shop") {
  auto listed = bench.run(bench.runtime().list(app));
  REQUIRE(bool(listed));
  return *listed;
}

InstanceState look_at(RuntimeBench& bench, const std::string& id) {
  for (auto& state : list(bench))
    if (state.id == id) return state;
  return {};
}

Listener listener(RuntimeBench& bench, const std::string& id, const std::string& address) {
  auto found = bench.run(bench.runtime().listener(id, address));
  REQUIRE(bool(found));
  return *found;
}

void check_error(const Error& error, const std::string& code) {
  CHECK(error.code == code);
  CHECK_FALSE(error.message.empty());
  CHECK_FALSE(error.remedy.empty());
  CHECK(find_code(error.code) != nullptr);
}

void ensuring_twice_is_the_same_as_once(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  const auto first = ensure(bench, spec);
  const auto second = ensure(bench, spec);
  CHECK(first.pid > 0);
  CHECK(second.pid == first.pid);
  CHECK(second.started == first.started);
  CHECK(second.restarts == 0);
  CHECK(second.state == "running");
  CHECK(second.spec_sha == first.spec_sha);
  CHECK(list(bench).size() == 1);
}

void another_run_or_spec_is_a_conflict(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  const auto first = ensure(bench, spec);
  auto other_run = spec;
  other_run.labels.run = "run-2";
  auto other_spec = spec;
  other_spec.labels.version = "v2";
  for (const auto& other : {other_run, other_spec}) {
    const auto refused = bench.run(bench.runtime().ensure(other));
    REQUIRE_FALSE(bool(refused));
    check_error(refused.error(), "SH1402");
  }
  CHECK(look_at(bench, spec.id).pid == first.pid);
  CHECK(look_at(bench, spec.id).labels.run == "run-1");
}

void a_resumed_run_is_the_same_run(RuntimeBench& bench) {
  auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  const auto first = ensure(bench, spec);
  spec.labels.seq = 99;
  spec.labels.epoch = 7;
  CHECK(ensure(bench, spec).pid == first.pid);
}

void what_cannot_start_leaves_nothing(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::cannot_start, "shop-web-blue-0");
  const auto refused = bench.run(bench.runtime().ensure(spec));
  REQUIRE_FALSE(bool(refused));
  check_error(refused.error(), "SH1401");
  CHECK(refused.error().message.find("shop-web-blue-0") != std::string::npos);
  CHECK(list(bench).empty());
  CHECK(ensure(bench, bench.spec(Behaviour::serves, "shop-web-blue-0")).pid > 0);
}

void labels_come_back(RuntimeBench& bench) {
  auto spec = bench.spec(Behaviour::serves, "shop-web-green-3");
  spec.labels.service = "web";
  spec.labels.color = Colour::green;
  spec.labels.version = "v 1.0-\"rc\"=\n\xc3\xa9 \xff%s;$(x)";
  spec.labels.run = "r=1";
  spec.labels.seq = 12;
  spec.labels.epoch = 3;
  spec.index = 3;
  ensure(bench, spec);
  const auto state = look_at(bench, spec.id);
  CHECK(state.labels.app == "shop");
  CHECK(state.labels.service == "web");
  CHECK(state.labels.color == Colour::green);
  CHECK(state.labels.version == spec.labels.version);
  CHECK(state.labels.run == "r=1");
  CHECK(state.labels.seq == 12);
  CHECK(state.labels.epoch == 3);
  CHECK(state.index == 3);
  CHECK(state.address == spec.address);
}

void the_list_is_sorted_and_of_one_app(RuntimeBench& bench) {
  for (const char* id : {"shop-web-green-1", "shop-api-blue-0", "shop-web-blue-0"})
    ensure(bench, bench.spec(Behaviour::is_stubborn, id));
  auto other = bench.spec(Behaviour::is_stubborn, "bank-web-blue-0");
  other.labels.app = "bank";
  ensure(bench, other);
  std::vector<std::string> ids;
  for (const auto& state : list(bench)) ids.push_back(state.id);
  CHECK(ids == std::vector<std::string>{"shop-api-blue-0", "shop-web-blue-0", "shop-web-green-1"});
  CHECK(list(bench, "bank").size() == 1);
  CHECK(list(bench, "nobody").empty());
}

void stopping_ends_it_and_may_be_repeated(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  ensure(bench, spec);
  CHECK(bench.eventually([&] { return listener(bench, spec.id, spec.address).present; }));
  stop(bench, spec.id);
  CHECK(list(bench).empty());
  CHECK_FALSE(listener(bench, spec.id, spec.address).present);
  stop(bench, spec.id);
  stop(bench, "shop-web-blue-77");
  CHECK(ensure(bench, spec).restarts == 0);
}

void what_ignores_its_signal_is_killed(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::is_stubborn, "shop-web-blue-0");
  ensure(bench, spec);
  stop(bench, spec.id, Milliseconds(300));
  CHECK(list(bench).empty());
}

void a_crash_is_counted_and_started_again(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  const auto first = ensure(bench, spec);
  CHECK(bench.eventually([&] { return listener(bench, spec.id, spec.address).ours; }));
  bench.crash(spec.id);
  CHECK(bench.eventually(
      [&] { return look_at(bench, spec.id).restarts == 1 && look_at(bench, spec.id).state == "running"; }));
  const auto again = look_at(bench, spec.id);
  CHECK(again.pid > 0);
  CHECK(again.started > first.started);
  CHECK(again.pid != first.pid);
  REQUIRE(again.exit_code.has_value());
  CHECK(*again.exit_code == 137);
  CHECK(bench.eventually([&] { return listener(bench, spec.id, spec.address).ours; }));
}

void a_crash_loop_shows(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::ends_at_once, "shop-web-blue-0");
  ensure(bench, spec);
  CHECK(bench.eventually([&] { return look_at(bench, spec.id).state == "restarting"; }));
  CHECK(bench.eventually([&] { return look_at(bench, spec.id).restarts >= 3; }));
  CHECK(bench.eventually([&] { return look_at(bench, spec.id).state == "restarting"; }));
  CHECK(look_at(bench, spec.id).exit_code == 3);
  CHECK(look_at(bench, spec.id).pid == 0);
  stop(bench, spec.id);
  CHECK(list(bench).empty());
}

void what_ends_for_good_is_listed_until_it_is_stopped(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::ends_for_good, "shop-web-blue-0");
  ensure(bench, spec);
  CHECK(bench.eventually([&] { return look_at(bench, spec.id).state == "exited"; }));
  CHECK(look_at(bench, spec.id).exit_code == 3);
  CHECK(look_at(bench, spec.id).pid == 0);
  CHECK(look_at(bench, spec.id).restarts == 0);
  stop(bench, spec.id);
  CHECK(list(bench).empty());
}

void a_leftover_that_has_ended_is_no_conflict(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::ends_for_good, "shop-web-blue-0");
  ensure(bench, spec);
  CHECK(bench.eventually([&] { return look_at(bench, spec.id).state == "exited"; }));
  auto next = bench.spec(Behaviour::serves, "shop-web-blue-0");
  next.labels.run = "run-2";
  CHECK(ensure(bench, next).labels.run == "run-2");
  CHECK(list(bench).size() == 1);
}

void the_last_lines_are_told(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::prints, "shop-web-blue-0");
  ensure(bench, spec);
  const auto logs = [&](int lines) { return *bench.run(bench.runtime().logs(spec.id, lines)); };
  CHECK(bench.eventually([&] { return logs(1) == "line 10\n"; }));
  CHECK(logs(3) == "line 8\nline 9\nline 10\n");
  CHECK(logs(100).starts_with("line 1\nline 2\n"));
  CHECK(logs(0).empty());
  CHECK(bench.run(bench.runtime().logs("shop-web-blue-77", 10)).value().empty());
}

void listeners_are_told_apart(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  CHECK_FALSE(listener(bench, "", spec.address).present);
  ensure(bench, spec);
  CHECK(bench.eventually([&] { return listener(bench, spec.id, spec.address).ours; }));
  CHECK(listener(bench, spec.id, spec.address).present);
  const auto seen = listener(bench, "", spec.address);
  CHECK(seen.present);
  CHECK_FALSE(seen.ours);
  CHECK(seen.who.find("(pid ") != std::string::npos);
  CHECK_FALSE(listener(bench, "shop-web-blue-77", spec.address).ours);
}

void a_stranger_at_its_address_is_noticed(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::prints, "shop-web-blue-0");
  ensure(bench, spec);
  CHECK_FALSE(listener(bench, spec.id, spec.address).present);
  {
    const auto stranger = bench.stranger(spec.address);
    const auto seen = listener(bench, spec.id, spec.address);
    CHECK(seen.present);
    CHECK_FALSE(seen.ours);
    CHECK(seen.who.find("(pid ") != std::string::npos);
  }
  CHECK_FALSE(listener(bench, spec.id, spec.address).present);
}

void what_was_adopted_is_ours_and_is_left_running(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  const auto nobody = bench.run(bench.runtime().adopt(spec, false));
  REQUIRE_FALSE(bool(nobody));
  check_error(nobody.error(), "SH1407");
  const auto program = bench.stranger(spec.address);
  CHECK_FALSE(listener(bench, spec.id, spec.address).ours);
  std::int64_t pid = 0;
  for (int i = 0; i < 2; ++i) {
    const auto adopted = bench.run(bench.runtime().adopt(spec, false));
    REQUIRE(bool(adopted));
    CHECK(adopted->adopted);
    CHECK_FALSE(adopted->may_stop);
    CHECK(adopted->state == "running");
    CHECK(adopted->started > 0);
    CHECK(adopted->labels.run == "run-1");
    if (i > 0) CHECK(adopted->pid == pid);
    pid = adopted->pid;
  }
  CHECK(list(bench).size() == 1);
  CHECK(listener(bench, spec.id, spec.address).ours);
  stop(bench, spec.id);
  CHECK(look_at(bench, spec.id).state == "running");
  CHECK(listener(bench, spec.id, spec.address).ours);
  const auto held = bench.run(bench.runtime().ensure(spec));
  if (!held) check_error(held.error(), "SH1402");
  CHECK_FALSE(bool(held));
  REQUIRE(bool(bench.run(bench.runtime().disown(spec.id))));
  CHECK(list(bench).empty());
  CHECK(listener(bench, "", spec.address).present);
}

void what_was_started_is_not_adopted(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  const auto started = ensure(bench, spec);
  CHECK(bench.eventually([&] { return listener(bench, spec.id, spec.address).ours; }));
  const auto adopted = bench.run(bench.runtime().adopt(spec, true));
  REQUIRE_FALSE(bool(adopted));
  check_error(adopted.error(), "SH1402");
  REQUIRE(bool(bench.run(bench.runtime().disown(spec.id))));
  CHECK(look_at(bench, spec.id).pid == started.pid);
}

void a_start_that_is_cancelled_can_be_repeated(RuntimeBench& bench) {
  const auto spec = bench.spec(Behaviour::serves, "shop-web-blue-0");
  for (int limit = 0; limit < 6; ++limit) {
    bench.run(loop::with_deadline(bench.runtime().ensure(spec), Milliseconds(limit)));
    for (const auto& state : list(bench)) CHECK(state.labels.run == "run-1");
    CHECK(ensure(bench, spec).pid > 0);
    stop(bench, spec.id);
    CHECK(list(bench).empty());
  }
}

using Case = std::pair<const char*, void (*)(RuntimeBench&)>;

constexpr Case cases[] = {
    {"ensure twice", ensuring_twice_is_the_same_as_once},
    {"conflict", another_run_or_spec_is_a_conflict},
    {"resumed run", a_resumed_run_is_the_same_run},
    {"cannot start", what_cannot_start_leaves_nothing},
    {"labels", labels_come_back},
    {"list", the_list_is_sorted_and_of_one_app},
    {"stop", stopping_ends_it_and_may_be_repeated},
    {"stop a stubborn one", what_ignores_its_signal_is_killed},
    {"crash", a_crash_is_counted_and_started_again},
    {"crash loop", a_crash_loop_shows},
    {"end for good", what_ends_for_good_is_listed_until_it_is_stopped},
    {"ended leftover", a_leftover_that_has_ended_is_no_conflict},
    {"logs", the_last_lines_are_told},
    {"listeners", listeners_are_told_apart},
    {"stranger", a_stranger_at_its_address_is_noticed},
    {"adopted", what_was_adopted_is_ours_and_is_left_running},
    {"started, not adopted", what_was_started_is_not_adopted},
    {"cancelled start", a_start_that_is_cancelled_can_be_repeated},
};

}  // namespace

void check_runtime(const MakeBench& make_bench) {
  for (const auto& one : cases) {
    INFO("case: " << std::string(one.first));
    const auto bench = make_bench();
    one.second(*bench);
  }
}

}  // namespace shunt::conformance
