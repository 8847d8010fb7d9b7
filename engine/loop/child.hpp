// A task that another task started and will join.
#pragma once

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "loop/suspend.hpp"

namespace shunt::loop {

/// Runs one task beside its parent. The parent must wait for `on_end` before it ends itself: `all` and `with_deadline`
/// do, and are what other code uses. Loop thread only; lives in a shared_ptr.
template <typename T>
class Child : public std::enable_shared_from_this<Child<T>> {
 public:
  explicit Child(Task<T> task) : task_(std::move(task)) {}

  /// Begins at once; `on_end` is called once, later, when the task returned or threw.
  template <typename F>
  void start(const asio::any_io_executor& executor, F on_end) {
    auto self = this->shared_from_this();
    auto ended = [self, on_end = std::move(on_end)](std::exception_ptr error) {
      self->error_ = std::move(error);
      self->ended_ = true;
      on_end();
    };
    asio::co_spawn(executor, carry(self), asio::bind_cancellation_slot(signal_.slot(), std::move(ended)));
  }

  /// Asks it to end; nothing happens when it has.
  void cancel() {
    if (!ended_) signal_.emit(asio::cancellation_type::terminal);
  }

  bool ended() const { return ended_; }

  /// What it threw, or null; after `on_end`.
  const std::exception_ptr& error() const { return error_; }

  /// What it returned, moved out; after `on_end`, when `error` is null.
  T take() {
    if constexpr (!std::is_void_v<T>) return std::move(*value_);
  }

 private:
  /// Holds `self`, and with it the signal, for as long as the task runs.
  static Task<void> carry(std::shared_ptr<Child> self) {
    Task<T> task = std::move(*self->task_);
    self->task_.reset();
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
    } else {
      auto value = co_await std::move(task);
      self->value_.emplace(std::move(value));
    }
  }

  std::optional<Task<T>> task_;
  asio::cancellation_signal signal_;
  std::optional<detail::Stored<T>> value_;
  std::exception_ptr error_;
  bool ended_ = false;
};

}  // namespace shunt::loop
