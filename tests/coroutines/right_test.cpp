// One test per rule of script/check-coroutines: the form to use, at work. Its counterpart is in wrong.txt.
#include <doctest/doctest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "shunt/task.hpp"

namespace {

using shunt::Task;

/// Counts how often it is built and destroyed: what is miscompiled destroys one object twice.
class Owner {
 public:
  explicit Owner(std::string name = "an owner of something on the heap") : name_(std::move(name)) { ++alive; }
  Owner(const Owner& other) : name_(other.name_) { ++alive; }
  Owner(Owner&& other) noexcept : name_(std::move(other.name_)) { ++alive; }
  Owner& operator=(const Owner&) = default;
  Owner& operator=(Owner&&) noexcept = default;
  ~Owner() { --alive; }

  const std::string& name() const { return name_; }

  static inline int alive = 0;

 private:
  std::string name_;
};

struct Pair {
  Owner first;
  Owner second;
};

Task<std::string> name_of(Owner owner) {
  co_return owner.name();
}

Task<std::string> names_of(Pair pair) {
  co_return pair.first.name() + pair.second.name();
}

Task<std::string> call(std::function<std::string()> function) {
  co_return function();
}

Task<Owner> owner(std::string name) {
  Owner made(std::move(name));
  co_return made;
}

Task<bool> yes() {
  co_return true;
}

Task<void> fail() {
  throw std::runtime_error("failed");
  co_return;
}

/// Runs the task to its end, and checks that it left nothing behind.
void run(Task<void> task) {
  asio::io_context loop;
  std::exception_ptr problem;
  asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error) { problem = error; });
  loop.run();
  if (problem) std::rethrow_exception(problem);
  CHECK(Owner::alive == 0);
}

Task<void> conditional() {
  Owner chosen;
  const bool first = co_await yes();
  if (first)
    chosen = co_await owner("first");
  else
    chosen = co_await owner("second");
  CHECK(chosen.name() == "first");
}

Task<void> braces() {
  auto first = co_await owner("a");
  auto second = co_await owner("b");
  const Pair pair{std::move(first), std::move(second)};
  CHECK(pair.first.name() + pair.second.name() == "ab");
}

Task<void> argument_aggregate() {
  Pair pair{Owner("a"), Owner("b")};
  const auto names = co_await names_of(std::move(pair));
  CHECK(names == "ab");
}

Task<void> argument_type_with_constructor() {
  const auto name = co_await name_of(Owner("built in place"));
  CHECK(name == "built in place");
}

Task<void> argument_lambda() {
  const Owner owner("captured");
  auto function = [owner] { return owner.name(); };
  const auto name = co_await call(std::move(function));
  CHECK(name == "captured");
}

Task<void> alone() {
  if (!co_await yes()) FAIL("a condition may await");
  auto owned = co_await owner("named");
  const auto name = co_await name_of(std::move(owned));
  CHECK(name == "named");
}

Task<void> handler() {
  std::string problem;
  try {
    co_await fail();
  } catch (const std::exception& error) {
    problem = error.what();
  }
  Owner named(problem);
  const auto name = co_await name_of(std::move(named));
  CHECK(name == "failed");
}

Task<Pair> named_pair() {
  Pair pair{Owner("a"), Owner("b")};
  co_return pair;
}

Task<void> returned() {
  const auto pair = co_await named_pair();
  CHECK(pair.second.name() == "b");
}

Task<void> by_value() {
  // The task is made here and runs later: what it was given by value is still there.
  auto later = name_of(Owner("gone by now"));
  const auto name = co_await std::move(later);
  CHECK(name == "gone by now");
}

Task<void> named_lambda() {
  const Owner kept("kept");
  const auto name_of_kept = [&kept]() -> Task<std::string> { co_return kept.name(); };
  const auto name = co_await name_of_kept();
  CHECK(name == "kept");
}

}  // namespace

TEST_CASE("conditional: if and else instead of ?:") {
  run(conditional());
}
TEST_CASE("braces: await first, build then") {
  run(braces());
}
TEST_CASE("argument: a named aggregate, moved in") {
  run(argument_aggregate());
}
TEST_CASE("argument: a type with a constructor") {
  run(argument_type_with_constructor());
}
TEST_CASE("argument: a named lambda, moved in") {
  run(argument_lambda());
}
TEST_CASE("alone: one await, one name") {
  run(alone());
}
TEST_CASE("handler: record in catch, await after it") {
  run(handler());
}
TEST_CASE("return: a named aggregate") {
  run(returned());
}
TEST_CASE("reference: parameters by value") {
  run(by_value());
}
TEST_CASE("capture: a named lambda, awaited in its scope") {
  run(named_lambda());
}
