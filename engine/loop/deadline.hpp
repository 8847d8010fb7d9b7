// A task that may take only so long.
#pragma once

#include <asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "loop/child.hpp"
#include "shunt/duration.hpp"

namespace shunt::loop {

namespace detail {

/// A task against the clock.
template <typename T>
struct Race : std::enable_shared_from_this<Race<T>> {
  Race(const asio::any_io_executor& executor, Task<T> task)
      : child(std::make_shared<Child<T>>(std::move(task))), timer(executor) {}

  std::shared_ptr<Child<T>> child;
  asio::steady_timer timer;
  bool expired = false;

  Abort<void> start(Milliseconds limit, const Completion<void>& completion) {
    const auto self = this->shared_from_this();
    timer.expires_after(limit);
    timer.async_wait([self](const asio::error_code& error) {
      if (error) return;
      self->expired = true;
      self->child->cancel();
    });
    child->start(completion.executor(), [self, completion] {
      self->timer.cancel();
      completion.succeed();
    });
    return [self](const Completion<void>&) { self->child->cancel(); };
  }

  /// True: it ended in time, or its result arrived all the same. Throws what the task threw of its own.
  bool finished() const {
    if (!child->error()) return true;
    if (expired && is_cancellation(child->error())) return false;
    std::rethrow_exception(child->error());
  }
};

template <typename T>
Task<std::shared_ptr<Race<T>>> run_race(Task<T> task, Milliseconds limit) {
  auto executor = co_await asio::this_coro::executor;
  auto race = std::make_shared<Race<T>>(executor, std::move(task));
  auto start = [race, limit](const Completion<void>& completion) { return race->start(limit, completion); };
  co_await suspend<void>(std::move(start));
  co_return race;
}

}  // namespace detail

/// Runs `task` for at most `limit`. When time is up it is cancelled and joined, and nothing is returned; a result that
/// arrived in the very moment of its cancellation is returned, and an error other than the cancellation is thrown.
/// Cancelling the caller cancels and joins the task.
template <typename T>
Task<std::optional<T>> with_deadline(Task<T> task, Milliseconds limit) {
  const auto race = co_await detail::run_race<T>(std::move(task), limit);
  std::optional<T> result;
  if (race->finished()) result.emplace(race->child->take());
  co_return result;
}

/// The same for a task without a result: whether it ended in time.
inline Task<bool> with_deadline(Task<void> task, Milliseconds limit) {
  const auto race = co_await detail::run_race<void>(std::move(task), limit);
  const bool in_time = race->finished();
  co_return in_time;
}

}  // namespace shunt::loop
