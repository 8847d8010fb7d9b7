// How everything that waits is written: C++20 coroutines on one event loop.
#pragma once

#include <asio/awaitable.hpp>

namespace shunt {

/// A coroutine that runs on the loop of whoever awaits it. Rules (GCC 12 miscompiles the alternatives): take parameters
/// by value; pass and return named locals or types with a constructor, never braced aggregates; let `co_await` stand
/// alone in a statement; never await inside `catch`; a lambda coroutine captures nothing unless it is named and awaited
/// in the same scope. `script/lint` checks them.
///
/// Cancellation: ending a task ends what it started. A cancelled wait throws asio::system_error (operation_aborted),
/// which adapters let pass.
template <typename T>
using Task = asio::awaitable<T>;

}  // namespace shunt
