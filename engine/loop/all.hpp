// Tasks side by side.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "loop/child.hpp"

namespace shunt::loop {

namespace detail {

/// The tasks of one `all`.
template <typename T>
struct Siblings : std::enable_shared_from_this<Siblings<T>> {
  explicit Siblings(std::vector<Task<T>> tasks) : running(tasks.size()) {
    children.reserve(tasks.size());
    for (auto& task : tasks) children.push_back(std::make_shared<Child<T>>(std::move(task)));
  }

  std::vector<std::shared_ptr<Child<T>>> children;
  std::size_t running;
  std::exception_ptr error;

  Abort<void> start(const Completion<void>& completion) {
    const auto self = this->shared_from_this();
    if (children.empty()) completion.succeed();
    for (const auto& child : children)
      child->start(completion.executor(), [self, completion, one = child.get()] { self->ended(*one, completion); });
    return [self](const Completion<void>&) { self->cancel(); };
  }

  void ended(const Child<T>& child, const Completion<void>& completion) {
    --running;
    if (child.error()) {
      const bool first = !error;
      // A cancellation is an echo of the failure that caused it; what a sibling has to say for itself is more.
      if (first || (is_cancellation(error) && !is_cancellation(child.error()))) error = child.error();
      if (first) cancel();
    }
    if (running == 0) completion.succeed();
  }

  void cancel() {
    for (const auto& child : children) child->cancel();
  }

  void rethrow() const {
    if (error) std::rethrow_exception(error);
  }
};

template <typename T>
Task<std::shared_ptr<Siblings<T>>> run_siblings(std::vector<Task<T>> tasks) {
  auto siblings = std::make_shared<Siblings<T>>(std::move(tasks));
  auto start = [siblings](const Completion<void>& completion) { return siblings->start(completion); };
  co_await suspend<void>(std::move(start));
  siblings->rethrow();
  co_return siblings;
}

}  // namespace detail

/// Runs every task at the same time and returns their results in the order given. When one throws, the others are
/// cancelled and joined, and the first error that is not a cancellation is thrown (the first cancellation when there is
/// none other). Cancelling the caller cancels and joins all of them.
template <typename T>
Task<std::vector<T>> all(std::vector<Task<T>> tasks) {
  const auto siblings = co_await detail::run_siblings<T>(std::move(tasks));
  std::vector<T> results;
  results.reserve(siblings->children.size());
  for (const auto& child : siblings->children) results.push_back(child->take());
  co_return results;
}

/// The same for tasks without results.
inline Task<void> all(std::vector<Task<void>> tasks) {
  co_await detail::run_siblings<void>(std::move(tasks));
}

}  // namespace shunt::loop
