// World::run, which needs more of Asio than those who only pass a World on.
#pragma once

#include <asio/co_spawn.hpp>
#include <exception>
#include <optional>

#include "deploy/world.hpp"

namespace shunt::deploy {

template <typename T>
T World::run(Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    result.emplace(std::move(value));
    loop_.stop();
  });
  loop_.restart();
  loop_.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

}  // namespace shunt::deploy
