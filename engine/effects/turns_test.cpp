#include "effects/turns.hpp"

#include <doctest/doctest.h>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <map>
#include <stdexcept>

#include "loop/suspend.hpp"

using namespace shunt;
using effects::Piece;
using effects::Turns;

namespace {

using Log = std::vector<std::string>;

/// Turns over a world whose works end when the test says so.
struct Bench {
  asio::io_context loop;
  std::int64_t clock = 1'000;
  Turns turns{loop.get_executor(), [this] { return clock; }};
  std::map<std::string, loop::Completion<Outcome>> open;
  std::vector<std::string> cancelled;
  bool stubborn = false;  ///< work does not end because it is cancelled
  Log log;

  Task<Outcome> work(std::string name) {
    auto start = [this, name](const loop::Completion<Outcome>& completion) -> loop::Abort<Outcome> {
      open.emplace(name, completion);
      return [this, name](const loop::Completion<Outcome>& aborted) {
        cancelled.push_back(name);
        if (!stubborn) aborted.fail(loop::cancellation());
      };
    };
    Outcome outcome = co_await loop::suspend<Outcome>(std::move(start));
    co_return std::move(outcome);
  }

  /// Waits for one work in `branch`, writes what came of it, and gives up its turn once before it ends.
  Task<Outcome> branch(std::string name) {
    Task<Outcome> task = work(name);
    Outcome outcome = co_await turns.await(effects::Position(name, 0), std::move(task));
    log.push_back(name + " " + (outcome.ok() ? to_text(outcome.value) : outcome.error->code));
    co_await asio::post(turns.executor(), asio::use_awaitable);
    log.push_back(name + " ends");
    co_return std::move(outcome);
  }

  void start(const std::string& name) {
    asio::co_spawn(turns.executor(), branch(name), [](std::exception_ptr failure, const Outcome&) {
      if (failure) std::rethrow_exception(failure);
    });
  }

  void go() {
    turns.run();
    loop.restart();
    loop.poll();
  }

  void answer(const std::string& name, Outcome outcome = Outcome(Value("done"))) {
    open.at(name).succeed(std::move(outcome));
  }
};

}  // namespace

TEST_CASE("outcomes are delivered in the order in which they arrive, one at a time") {
  Bench bench;
  for (const auto* name : {"0/0.0", "0/0.1", "0/0.2"}) bench.start(name);
  bench.go();
  bench.answer("0/0.2");
  bench.answer("0/0.0");
  bench.answer("0/0.1");
  bench.go();
  CHECK(bench.log ==
        Log{R"(0/0.2 "done")", "0/0.2 ends", R"(0/0.0 "done")", "0/0.0 ends", R"(0/0.1 "done")", "0/0.1 ends"});
}

TEST_CASE("branches run in first-in order until all wait") {
  Bench bench;
  Log order;
  for (const auto* name : {"a", "b", "c"})
    asio::post(bench.turns.executor(), [&order, &bench, name] {
      order.push_back(name);
      asio::post(bench.turns.executor(), [&order, name] { order.push_back(std::string(name) + " again"); });
    });
  bench.go();
  CHECK(order == Log{"a", "b", "c", "a again", "b again", "c again"});
}

TEST_CASE("time moves only with deliveries, and never back") {
  Bench bench;
  bench.start("0");
  bench.start("1");
  bench.go();
  bench.clock = 5'000;
  bench.go();
  CHECK(bench.turns.now() == 1'000);
  bench.answer("0");
  bench.go();
  CHECK(bench.turns.now() == 5'000);
  bench.clock = 2'000;
  bench.answer("1");
  bench.go();
  CHECK(bench.turns.now() == 5'000);
}

TEST_CASE("time in which the engine stood still is noticed before the next outcome, and is not watched") {
  Bench bench;
  std::vector<std::int64_t> told;
  bench.turns.when_stood_still([&](std::int64_t ms) {
    told.push_back(ms);
    CHECK(bench.log.empty());
    bench.turns.stand_still(bench.clock, ms);
  });
  bench.start("a");
  bench.go();
  SUBCASE("without beats nothing is known") {
    bench.clock += 60'000;
  }
  SUBCASE("a beat that comes in time") {
    bench.turns.beat();
    bench.clock += 999;
    bench.turns.beat();
  }
  SUBCASE("the outcome comes first") {
    bench.turns.beat();
    bench.clock += 10'000;
  }
  SUBCASE("a beat comes first") {
    bench.turns.beat();
    bench.clock += 10'000;
    bench.turns.beat();
    bench.clock += 100;
  }
  const bool stood = bench.clock >= 11'000 && bench.clock < 60'000;
  const auto elapsed = bench.clock - 1'000;
  bench.answer("a");
  bench.go();
  CHECK(told == (stood ? std::vector<std::int64_t>{10'000} : std::vector<std::int64_t>()));
  CHECK(bench.turns.now() == 1'000 + elapsed);
  CHECK(bench.turns.watched() == 1'000 + elapsed - (stood ? 10'000 : 0));
}

TEST_CASE("before the loop blocks there is a word, once everything that is ready was delivered") {
  Bench bench;
  std::vector<std::size_t> lines;
  bench.turns.before_waiting([&] { lines.push_back(bench.log.size()); });
  bench.start("0");
  bench.start("1");
  bench.go();
  bench.answer("0");
  bench.answer("1");
  lines.clear();
  bench.go();
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back() == 4);
  CHECK(std::count(lines.begin(), lines.end(), 2U) == 0);
}

TEST_CASE("cancelling a branch reaches every wait in it and below it, and no other") {
  Bench bench;
  for (const auto* name : {"0/1", "0/1/0", "0/1.2", "0/10", "1"}) bench.start(name);
  bench.go();
  bench.turns.cancel("0/1", Error("SH1910", Kind::cancelled, "it was aborted"));
  bench.go();
  CHECK(bench.cancelled == Log{"0/1", "0/1/0", "0/1.2"});
  CHECK(bench.log.at(0) == "0/1 SH1910");
  CHECK(std::count(bench.log.begin(), bench.log.end(), "0/1/0 SH1910") == 1);
  CHECK(bench.log.size() == 6);
  REQUIRE(bench.turns.cancelled("0/1/7") != nullptr);
  CHECK(bench.turns.cancelled("0/1/7")->control);
  CHECK(bench.turns.cancelled("0/10") == nullptr);
  CHECK(bench.turns.cancelled("0") == nullptr);
}

TEST_CASE("work that ends all the same while it is cancelled keeps its outcome") {
  Bench bench;
  bench.stubborn = true;
  bench.start("0");
  bench.go();
  bench.turns.cancel("0", Error("SH1910", Kind::cancelled, "it was aborted"));
  bench.go();
  CHECK(bench.log.empty());
  bench.answer("0");
  bench.go();
  CHECK(bench.log.front() == R"(0 "done")");
}

TEST_CASE("an adapter that throws has failed, and says what it threw") {
  Bench bench;
  bench.start("0");
  bench.go();
  bench.open.at("0").fail(std::make_exception_ptr(std::runtime_error("no such thing")));
  bench.go();
  CHECK(bench.log.front() == "0 SH1903");
}

TEST_CASE("the first failure of pieces that run together cancels the others, and all are joined") {
  Bench bench;
  bench.stubborn = true;
  std::optional<std::vector<Outcome>> outcomes;
  std::vector<Piece> pieces;
  for (const auto* name : {"0/0.0", "0/0.1", "0/0.2"}) pieces.emplace_back(name, bench.branch(name));
  asio::co_spawn(bench.turns.executor(), effects::together(bench.turns, std::move(pieces)),
                 [&](std::exception_ptr, std::vector<Outcome> all) { outcomes = std::move(all); });
  bench.go();
  bench.answer("0/0.1", Outcome(Error("SH1310", Kind::unhealthy, "not ready")));
  bench.go();
  CHECK(bench.cancelled == Log{"0/0.0", "0/0.2"});
  CHECK_FALSE(outcomes);  // two still end
  bench.answer("0/0.0", Outcome(Value("late")));
  bench.go();
  CHECK_FALSE(outcomes);
  bench.open.at("0/0.2").fail(loop::cancellation());
  bench.go();
  REQUIRE(outcomes);
  CHECK((*outcomes)[0].value == "late");
  CHECK((*outcomes)[1].error->code == "SH1310");
  CHECK((*outcomes)[2].error->code == "SH1902");
  CHECK(effects::first_failure(*outcomes).error->code == "SH1310");
}

TEST_CASE("the failure that is told is the one that came first, not that of whom it ended") {
  const Outcome fine;
  const Outcome ended(Error("SH1902", Kind::cancelled, "something beside it failed first"));
  const Outcome broken(Error("SH1310", Kind::unhealthy, "not ready"));
  CHECK(effects::first_failure({ended, fine, broken}).error->code == "SH1310");
  CHECK(effects::first_failure({fine, ended}).error->code == "SH1902");
  CHECK(effects::first_failure({fine, fine}).ok());
  CHECK(effects::first_failure({}).ok());
}

TEST_CASE("no pieces are done at once") {
  Bench bench;
  bool joined = false;
  asio::co_spawn(bench.turns.executor(), effects::together(bench.turns, {}),
                 [&](std::exception_ptr, const std::vector<Outcome>& all) { joined = all.empty(); });
  bench.go();
  CHECK(joined);
}
