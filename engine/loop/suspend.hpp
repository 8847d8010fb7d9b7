// From callbacks to tasks: a task sleeps until somebody completes it.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "shunt/task.hpp"

namespace shunt::loop {

/// What a cancelled wait throws: asio::system_error (operation_aborted).
std::exception_ptr cancellation();

/// Whether `error` is one.
bool is_cancellation(const std::exception_ptr& error);

template <typename T>
class Completion;

/// Called at most once, when the suspended task is cancelled; it must see to it that the completion is settled soon. It
/// is given the completion and does not hold a copy: that would keep a task alive which the loop has given up.
template <typename T>
using Abort = std::function<void(const Completion<T>&)>;

/// Begins the operation; runs on the loop, once, right after the task was suspended. Any function object of this
/// signature will do for `suspend`.
template <typename T>
using Start = std::function<Abort<T>(const Completion<T>&)>;

namespace detail {

template <typename T>
using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// What the task finds when it goes on; lies in its frame. Holds no room for the value while there is none: thousands
/// may be waiting.
template <typename T>
struct Answer {
  std::unique_ptr<Stored<T>> value;
  std::exception_ptr error;

  T take() {
    if (error) std::rethrow_exception(std::exchange(error, nullptr));
    if constexpr (!std::is_void_v<T>) return std::move(*value);
  }
};

/// The suspended task itself. Its frame does not hold this, so that a task whose completions are gone goes with them.
template <typename T>
struct Suspension : std::enable_shared_from_this<Suspension<T>> {
  using Handler = typename asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;

  Suspension(Handler handler, Answer<T>& answer)
      : executor(handler.get_executor()), handler(std::move(handler)), answer(answer) {}

  /// Nobody is left who could settle it: the task goes on as cancelled, or is destroyed with the loop if that is
  /// ending.
  ~Suspension() {
    if (settled) return;
    answer.error = cancellation();
    asio::post(executor, [waiting = std::move(*handler)]() mutable { std::move(waiting)(); });
  }
  Suspension(const Suspension&) = delete;
  Suspension& operator=(const Suspension&) = delete;

  asio::any_io_executor executor;
  std::optional<Handler> handler;
  Answer<T>& answer;  ///< lives as long as the handler does
  Abort<T> abort;
  bool settled = false;

  /// Posted, never at once: who settles is in the middle of something (a libcurl callback, a cancellation). The post
  /// takes the task along, so that a loop which ends before it comes to that lets go of both.
  void settle() {
    settled = true;
    auto go_on = [self = this->shared_from_this(), waiting = std::move(*handler)]() mutable {
      self->abort = nullptr;
      std::move(waiting)();
    };
    handler.reset();
    asio::post(executor, std::move(go_on));
  }

  void cancel() {
    if (settled || !abort) return;
    const auto once = std::exchange(abort, nullptr);
    once(Completion<T>(this->shared_from_this()));
  }
};

}  // namespace detail

/// The way back into a suspended task. Copies share it; the first to settle it wins, later ones are ignored. Loop
/// thread only. When every copy is gone unsettled, the task goes on as cancelled.
template <typename T>
class Completion {
 public:
  using Value = detail::Stored<T>;

  explicit Completion(std::shared_ptr<detail::Suspension<T>> task) : task_(std::move(task)) {}

  void succeed(Value value = Value()) const {
    if (task_->settled) return;
    task_->answer.value = std::make_unique<Value>(std::move(value));
    task_->settle();
  }

  void fail(std::exception_ptr error) const {
    if (task_->settled) return;
    task_->answer.error = std::move(error);
    task_->settle();
  }

  /// The executor of the suspended task; any thread may post to it.
  const asio::any_io_executor& executor() const { return task_->executor; }

 private:
  std::shared_ptr<detail::Suspension<T>> task_;
};

namespace detail {

/// Trivially copyable on purpose: Asio moves it through a coroutine frame.
template <typename T, typename F>
struct Initiation {
  Answer<T>* answer;
  F* start;

  void operator()(typename Suspension<T>::Handler handler) const {
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto task = std::make_shared<Suspension<T>>(std::move(handler), *answer);
    const Completion<T> completion(task);
    try {
      task->abort = (*start)(completion);
    } catch (...) {
      completion.fail(std::current_exception());
    }
    if (!slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr(task)](asio::cancellation_type_t) {
      if (const auto alive = weak.lock()) alive->cancel();
    });
  }
};

}  // namespace detail

/// Suspends the task, calls `start`, and goes on when its Completion is settled: with the value, or by throwing the
/// error. Cancellation does not end the wait; it calls what `start` returned (if anything), and the wait ends when that
/// settles the completion. A value that is settled before or in spite of the cancellation is returned. `start` is not
/// called when the task was cancelled before.
template <typename T, typename F>
Task<T> suspend(F start) {
  detail::Answer<T> answer;
  const detail::Initiation<T, F> initiation{&answer, &start};
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiation, asio::use_awaitable);
  co_return answer.take();
}

}  // namespace shunt::loop
