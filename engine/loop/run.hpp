// From a plain function into the loop.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "loop/child.hpp"

namespace shunt::loop {

/// Runs the loop on this thread until it has nothing left to do, which includes `task`; returns what the task returned
/// or throws what it threw. Whatever must not keep the loop alive (`Signals`) is the task's own.
template <typename T>
T run(asio::io_context& loop, Task<T> task) {
  const auto child = std::make_shared<Child<T>>(std::move(task));
  child->start(loop.get_executor(), [] {});
  loop.restart();
  loop.run();
  if (!child->ended()) throw std::logic_error("the loop was stopped before its task had ended");
  if (child->error()) std::rethrow_exception(child->error());
  return child->take();
}

}  // namespace shunt::loop
