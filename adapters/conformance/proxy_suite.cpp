#include "adapters/conformance/proxy_suite.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "config/catalogue.hpp"
#include "loop/deadline.hpp"

namespace shunt::conformance {

namespace {

ProxyView look(ProxyBench& bench) {
  auto view = bench.run(bench.proxy().observe());
  if (!view) FAIL_CHECK(to_paragraph(view.error()));
  return view ? *view : ProxyView();
}

void apply(ProxyBench& bench, Weights weights) {
  const auto applied = bench.run(bench.proxy().apply(weights));
  if (!applied) FAIL_CHECK(to_paragraph(applied.error()));
}

bool comes(ProxyBench& bench, const std::function<bool(const ProxyView&)>& condition) {
  return bench.eventually([&] { return condition(look(bench)); });
}

const ServerView& first(const ProxyView& view, Colour color) {
  for (const auto& server : view.servers)
    if (server.color == color) return server;
  throw std::logic_error("a view without servers");
}

void check_error(const Error& error, const std::string& code) {
  INFO(to_paragraph(error));
  CHECK(error.code == code);
  CHECK(find_code(error.code) != nullptr);
  CHECK_FALSE(error.message.empty());
  CHECK_FALSE(error.remedy.empty());
  for (const char* word : {"std::", "asio", "shunt::", "\n"}) CHECK(error.message.find(word) == std::string::npos);
}

/// The shares that weights come to, in the steps that the proxy can make; nobody is left out who has a weight.
Weights shares(const ProxyBench& bench, Weights weights) {
  const double part = double(weights.green) / (weights.blue + weights.green) * 100 / bench.step();
  int green = static_cast<int>(std::lround(part)) * bench.step();
  if (weights.blue > 0) green = std::min(green, 100 - bench.step());
  if (weights.green > 0) green = std::max(green, bench.step());
  return Weights(100 - green, green);
}

void the_first_look_tells_everything(ProxyBench& bench) {
  const auto view = look(bench);
  CHECK(view.weights == Weights(100, 0));
  CHECK(view.effective == Weights(100, 0));
  CHECK(view.usable == PerColour<int>(1, 1));
  const auto nothing = bench.counts_in_flight() ? std::optional<int>(0) : std::nullopt;
  CHECK(view.in_flight.blue == nothing);
  CHECK(view.in_flight.green.value_or(0) == 0);  // it may be unknown, or known, where nothing is sent
  REQUIRE(view.servers.size() == 2);
  CHECK(first(view, Colour::green).state == (bench.knows_health() ? "up" : "unchecked"));
  CHECK(first(view, Colour::green).usable);
  CHECK(first(view, Colour::blue).weight == 100);
  CHECK_FALSE(first(view, Colour::blue).address.empty());
  CHECK(view.shiftable);
  CHECK(view.started > 0);
  CHECK_FALSE(bench.proxy().target().empty());
}

void applying_twice_is_the_same_as_once(ProxyBench& bench) {
  const auto before = look(bench);
  for (int i = 0; i < 2; ++i) {
    apply(bench, Weights(100, 50));
    const auto view = look(bench);
    CHECK(view.weights == Weights(100, 50));
    CHECK(view.effective == shares(bench, Weights(100, 50)));
    CHECK(view.started == before.started);
  }
}

void every_share_comes_back(ProxyBench& bench) {
  for (const int share : {0, 1, 10, 25, 50, 75, 99, 100}) {
    apply(bench, Weights(100 - share, share));
    const auto view = look(bench);
    CHECK(view.weights == Weights(100 - share, share));
    CHECK(view.effective == shares(bench, Weights(100 - share, share)));
  }
}

void a_weight_while_down_is_no_share(ProxyBench& bench) {
  bench.set_healthy(Colour::green, 0, false);
  REQUIRE(comes(bench, [](const ProxyView& view) { return view.usable.green == 0; }));
  apply(bench, Weights(100, 100));
  const auto view = look(bench);
  CHECK(view.weights == Weights(100, 100));
  CHECK(view.effective == Weights(100, 0));
  CHECK(first(view, Colour::green).state == "down");
  bench.set_healthy(Colour::green, 0, true);
  CHECK(comes(bench, [](const ProxyView& up) { return up.effective == Weights(50, 50); }));
}

void nobody_usable_is_no_share_at_all(ProxyBench& bench) {
  bench.set_healthy(Colour::blue, 0, false);
  CHECK(comes(bench, [](const ProxyView& view) { return view.effective == Weights(0, 0) && view.usable.green == 1; }));
}

void raising_lifts_maintenance(ProxyBench& bench) {
  bench.take_out(Colour::green);
  bench.set_weights(Weights(100, 100));
  const auto out = look(bench);
  CHECK(out.weights == Weights(100, 100));
  CHECK(out.effective == Weights(100, 0));
  CHECK(first(out, Colour::green).state == "maint");
  apply(bench, Weights(100, 100));
  CHECK(comes(bench, [](const ProxyView& view) {
    return first(view, Colour::green).state == "up" && view.effective == Weights(50, 50);
  }));
}

void lowering_leaves_maintenance_alone(ProxyBench& bench) {
  apply(bench, Weights(100, 100));
  bench.take_out(Colour::green);
  apply(bench, Weights(100, 0));
  CHECK(first(look(bench), Colour::green).state == "maint");
  apply(bench, Weights(100, 0));
  CHECK(first(look(bench), Colour::green).state == "maint");
}

void a_colour_lowered_to_nothing_is_still_checked(ProxyBench& bench) {
  apply(bench, Weights(100, 100));
  apply(bench, Weights(100, 0));
  CHECK(first(look(bench), Colour::green).state == "up");
  bench.set_healthy(Colour::green, 0, false);
  CHECK(comes(bench, [](const ProxyView& view) { return view.usable.green == 0; }));
}

void an_idle_server_with_weight_and_no_process_is_seen(ProxyBench& bench) {
  bench.set_healthy(Colour::green, 0, false);
  REQUIRE(comes(bench, [](const ProxyView& view) { return view.usable.green == 0; }));
  bench.set_weights(Weights(100, 100));
  CHECK(look(bench).effective == Weights(100, 0));
  CHECK(look(bench).weights.green == 100);
  apply(bench, Weights(100, 0));
  CHECK(look(bench).weights == Weights(100, 0));
  bench.set_healthy(Colour::green, 0, true);
  REQUIRE(comes(bench, [](const ProxyView& view) { return view.usable.green == 1; }));
  CHECK(look(bench).effective == Weights(100, 0));
}

void requests_and_websockets_are_in_flight(ProxyBench& bench) {
  for (const bool websocket : {false, true}) {
    INFO("websocket: " << websocket);
    apply(bench, Weights(100, 0));
    auto held = bench.hold(websocket);
    CHECK(comes(bench, [](const ProxyView& view) { return view.in_flight.blue == 1; }));
    apply(bench, Weights(100, 100));
    apply(bench, Weights(0, 100));
    CHECK(look(bench).in_flight.blue == 1);
    CHECK(look(bench).in_flight.green == 0);
    held.reset();
    CHECK(comes(bench, [](const ProxyView& view) { return view.in_flight.blue == 0; }));
  }
}

struct Failure {
  ProxyTrouble trouble;
  std::string code;
  bool is_retryable;
};

const std::vector<Failure> failures = {{ProxyTrouble::down, "SH1501", true},
                                       {ProxyTrouble::hang, "SH1502", true},
                                       {ProxyTrouble::garbage, "SH1503", false},
                                       {ProxyTrouble::lost_reply, "SH1503", true}};

void check_failure(ProxyBench& bench, const Failure& failure, const Error& error, std::int64_t begin) {
  INFO("trouble: " << int(failure.trouble));
  check_error(error, failure.code);
  CHECK(error.retryable == failure.is_retryable);
  CHECK(error.kind == (failure.trouble == ProxyTrouble::hang ? Kind::timeout : Kind::adapter));
  const auto limit = bench.timeout().count();
  CHECK(bench.now() - begin <= limit + limit / 2);
  if (failure.trouble == ProxyTrouble::hang) CHECK(bench.now() - begin >= limit - 5);
  if (failure.code == "SH1503") CHECK(error.evidence.contains("text"));
}

void every_trouble_has_an_error_of_its_own(ProxyBench& bench) {
  for (const auto& failure : failures) {
    bench.make(failure.trouble);
    auto begin = bench.now();
    const auto view = bench.run(bench.proxy().observe());
    REQUIRE_FALSE(bool(view));
    check_failure(bench, failure, view.error(), begin);
    if (failure.trouble == ProxyTrouble::lost_reply) continue;
    begin = bench.now();
    const auto applied = bench.run(bench.proxy().apply(Weights(0, 100)));
    REQUIRE_FALSE(bool(applied));
    check_failure(bench, failure, applied.error(), begin);
    bench.make(ProxyTrouble::none);
    CHECK(look(bench).weights == Weights(100, 0));
  }
}

void a_lost_reply_is_found_by_looking_again(ProxyBench& bench) {
  bench.make(ProxyTrouble::lost_reply);
  const auto applied = bench.run(bench.proxy().apply(Weights(100, 60)));
  REQUIRE_FALSE(bool(applied));
  check_error(applied.error(), "SH1503");
  CHECK(applied.error().retryable);
  bench.make(ProxyTrouble::none);
  CHECK(look(bench).weights == Weights(100, 60));
  apply(bench, Weights(100, 60));
  CHECK(look(bench).weights == Weights(100, 60));
}

void half_an_answer_is_none(ProxyBench& bench) {
  bench.make(ProxyTrouble::half);
  const auto view = bench.run(bench.proxy().observe());
  REQUIRE_FALSE(bool(view));
  check_error(view.error(), "SH1503");
  CHECK(view.error().retryable);
  bench.make(ProxyTrouble::none);
  CHECK(look(bench).weights == Weights(100, 0));
}

void a_late_answer_is_good(ProxyBench& bench) {
  bench.make(ProxyTrouble::late);
  apply(bench, Weights(100, 20));
  CHECK(look(bench).weights == Weights(100, 20));
}

void cancelled_half_way_leaves_nothing_behind(ProxyBench& bench) {
  bench.make(ProxyTrouble::hang);
  const auto cancelled = bench.run(loop::with_deadline(bench.proxy().apply(Weights(0, 100)), Milliseconds(10)));
  CHECK_FALSE(cancelled.has_value());
  bench.make(ProxyTrouble::none);
  CHECK(look(bench).weights == Weights(100, 0));
  apply(bench, Weights(100, 40));
  CHECK(look(bench).weights == Weights(100, 40));
}

void a_restart_is_seen_and_forgets(ProxyBench& bench) {
  apply(bench, Weights(0, 100));
  const auto before = look(bench);
  bench.restart();
  const auto after = look(bench);
  CHECK(after.started > before.started);
  CHECK(after.weights == Weights(100, 0));
  apply(bench, Weights(0, 100));
  CHECK(look(bench).effective == Weights(0, 100));
}

void a_persistent_restart_keeps_what_was_applied(ProxyBench& bench) {
  bench.take_out(Colour::green);
  apply(bench, Weights(100, 30));
  apply(bench, Weights(20, 80));
  const auto before = look(bench);
  bench.restart();
  const auto after = look(bench);
  CHECK(after.started > before.started);
  CHECK(after.weights == Weights(20, 80));
  CHECK(comes(bench, [](const ProxyView& view) { return view.effective == Weights(20, 80); }));
}

void what_cannot_be_shifted_refuses_and_keeps_serving(ProxyBench& bench) {
  const auto view = look(bench);
  CHECK_FALSE(view.shiftable);
  CHECK_FALSE(view.note.empty());
  for (const auto& weights : {Weights(100, 50), Weights(0, 50)}) {
    const auto refused = bench.run(bench.proxy().apply(weights));
    REQUIRE_FALSE(bool(refused));
    check_error(refused.error(), "SH1505");
    CHECK(look(bench).weights == Weights(100, 0));
    CHECK(look(bench).effective == Weights(100, 0));
  }
}

void without_checks_every_server_counts(ProxyBench& bench) {
  bench.set_healthy(Colour::green, 0, false);
  const auto view = look(bench);
  CHECK(first(view, Colour::green).state == "unchecked");
  CHECK(view.usable == PerColour<int>(1, 1));
  apply(bench, Weights(50, 50));
  CHECK(look(bench).effective == Weights(50, 50));
}

void unequal_numbers_of_servers_share_equally(ProxyBench& bench) {
  CHECK(look(bench).usable == PerColour<int>(2, 3));
  apply(bench, Weights(100, 100));
  CHECK(look(bench).weights == Weights(100, 100));
  CHECK(look(bench).effective == Weights(50, 50));
  if (bench.knows_health()) {
    bench.set_healthy(Colour::green, 1, false);
    CHECK(comes(bench, [](const ProxyView& view) {
      return view.usable == PerColour<int>(2, 2) && view.effective == Weights(60, 40);
    }));
  }
  for (const int share : {1, 33, 99}) {
    apply(bench, Weights(100 - share, share));
    CHECK(look(bench).weights == Weights(100 - share, share));
  }
}

void odd_names_are_names(ProxyBench& bench) {
  apply(bench, Weights(30, 70));
  CHECK(look(bench).weights == Weights(30, 70));
  CHECK(look(bench).effective == Weights(30, 70));
}

struct Case {
  std::string name;
  void (*check)(ProxyBench&);
  ProxySetup setup = {};
};

ProxySetup setup_with(const std::function<void(ProxySetup&)>& change) {
  ProxySetup setup;
  change(setup);
  return setup;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"the first look tells everything", the_first_look_tells_everything},
      {"applying twice is the same as once", applying_twice_is_the_same_as_once},
      {"every share comes back", every_share_comes_back},
      {"a weight while down is no share", a_weight_while_down_is_no_share},
      {"nobody usable is no share at all", nobody_usable_is_no_share_at_all},
      {"raising lifts maintenance", raising_lifts_maintenance},
      {"lowering leaves maintenance alone", lowering_leaves_maintenance_alone},
      {"a colour lowered to nothing is still checked", a_colour_lowered_to_nothing_is_still_checked},
      {"an idle server with weight and no process is seen", an_idle_server_with_weight_and_no_process_is_seen},
      {"requests and websockets are in flight", requests_and_websockets_are_in_flight},
      {"every trouble has an error of its own", every_trouble_has_an_error_of_its_own},
      {"a lost reply is found by looking again", a_lost_reply_is_found_by_looking_again},
      {"half an answer is none", half_an_answer_is_none},
      {"a late answer is good", a_late_answer_is_good},
      {"cancelled half way leaves nothing behind", cancelled_half_way_leaves_nothing_behind},
      {"a restart is seen and forgets", a_restart_is_seen_and_forgets},
      {"a persistent restart keeps what was applied", a_persistent_restart_keeps_what_was_applied,
       setup_with([](ProxySetup& setup) { setup.is_persistent = true; })},
      {"what cannot be shifted refuses and keeps serving", what_cannot_be_shifted_refuses_and_keeps_serving,
       setup_with([](ProxySetup& setup) { setup.is_static = true; })},
      {"without checks every server counts", without_checks_every_server_counts,
       setup_with([](ProxySetup& setup) { setup.is_checked = false; })},
      {"unequal numbers of servers share equally", unequal_numbers_of_servers_share_equally,
       setup_with([](ProxySetup& setup) { setup.servers = PerColour<int>(2, 3); })},
      {"odd names are names", odd_names_are_names, setup_with([](ProxySetup& setup) { setup.has_odd_names = true; })},
  };
  return all;
}

/// What is compared of a view.
std::string line_of(const ProxyView& view) {
  const auto pair = [](const PerColour<int>& both) { return fmt::format("{}/{}", both.blue, both.green); };
  return fmt::format("weights {} effective {} usable {} states {}/{}", pair(view.weights), pair(view.effective),
                     pair(view.usable), first(view, Colour::blue).state, first(view, Colour::green).state);
}

struct Step {
  std::string name;
  std::function<void(ProxyBench&)> act;
  std::string recorded;
};

/// Recorded from HAProxy 2.6.12 with a state file, one server for each colour, `check inter 50ms fall 2 rise 1`.
const std::vector<Step>& recorded_steps() {
  using B = ProxyBench;
  static const std::vector<Step> steps = {
      {"start", [](B&) {}, "weights 100/0 effective 100/0 usable 1/1 states up/up"},
      {"raise", [](B& b) { apply(b, Weights(100, 25)); }, "weights 100/25 effective 80/20 usable 1/1 states up/up"},
      {"green dies", [](B& b) { b.set_healthy(Colour::green, 0, false); },
       "weights 100/25 effective 100/0 usable 1/0 states up/down"},
      {"raise it all the same", [](B& b) { apply(b, Weights(100, 100)); },
       "weights 100/100 effective 100/0 usable 1/0 states up/down"},
      {"green lives", [](B& b) { b.set_healthy(Colour::green, 0, true); },
       "weights 100/100 effective 50/50 usable 1/1 states up/up"},
      {"lower", [](B& b) { apply(b, Weights(0, 100)); }, "weights 0/100 effective 0/100 usable 1/1 states up/up"},
      {"an operator takes blue out", [](B& b) { b.take_out(Colour::blue); },
       "weights 0/100 effective 0/100 usable 0/1 states maint/up"},
      {"restart", [](B& b) { b.restart(); }, "weights 0/100 effective 0/100 usable 1/1 states up/up"},
      {"an operator takes blue out again", [](B& b) { b.take_out(Colour::blue); },
       "weights 0/100 effective 0/100 usable 0/1 states maint/up"},
      {"the same weights", [](B& b) { apply(b, Weights(0, 100)); },
       "weights 0/100 effective 0/100 usable 0/1 states maint/up"},
      {"restart after it was persisted", [](B& b) { b.restart(); },
       "weights 0/100 effective 0/100 usable 0/1 states maint/up"},
      {"raise blue", [](B& b) { apply(b, Weights(10, 100)); }, "weights 10/100 effective 9/91 usable 1/1 states up/up"},
      {"somebody sets weights", [](B& b) { b.set_weights(Weights(60, 60)); },
       "weights 60/60 effective 50/50 usable 1/1 states up/up"},
      {"restart forgets them", [](B& b) { b.restart(); }, "weights 10/100 effective 9/91 usable 1/1 states up/up"},
      {"both die", [](B& b) { b.set_healthy(Colour::blue, 0, false), b.set_healthy(Colour::green, 0, false); },
       "weights 10/100 effective 0/0 usable 0/0 states down/down"},
      {"an operator takes green out", [](B& b) { b.take_out(Colour::green); },
       "weights 10/100 effective 0/0 usable 0/0 states down/maint"},
      {"both live", [](B& b) { b.set_healthy(Colour::blue, 0, true), b.set_healthy(Colour::green, 0, true); },
       "weights 10/100 effective 100/0 usable 1/0 states up/maint"},
      {"lower green", [](B& b) { apply(b, Weights(100, 0)); },
       "weights 100/0 effective 100/0 usable 1/0 states up/maint"},
  };
  return steps;
}

}  // namespace

void check_proxy(const ProxyEntry& entry) {
  auto left_out = entry.left_out;
  for (const auto& one : cases()) {
    if (left_out.erase(one.name) != 0) continue;
    INFO("case: " << one.name);
    const auto bench = entry.make(one.setup);
    one.check(*bench);
  }
  for (const auto& [name, why] : left_out) FAIL_CHECK("there is no case '" << name << "' to leave out (" << why << ")");
}

void check_proxy_trace(const MakeProxyBench& make_bench) {
  const auto bench = make_bench(setup_with([](ProxySetup& setup) { setup.is_persistent = true; }));
  for (const auto& step : recorded_steps()) {
    INFO("step: " << step.name);
    step.act(*bench);
    std::string line;
    bench->eventually([&] {
      line = line_of(look(*bench));
      return line == step.recorded;
    });
    CHECK(line == step.recorded);
  }
}

}  // namespace shunt::conformance
