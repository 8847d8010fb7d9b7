// What somebody types, for a loop that must not wait for people.
#pragma once

#include <thread>

#include "loop/suspend.hpp"
#include "shunt/call.hpp"
#include "shunt/engine.hpp"

namespace shunt::deploy {

/// Asks the typist on a thread of its own. Loop thread only; outlives whoever waits for a line.
class TypedLines {
 public:
  explicit TypedLines(Typist& typist) : typist_(typist) {}
  ~TypedLines();
  TypedLines(const TypedLines&) = delete;
  TypedLines& operator=(const TypedLines&) = delete;

  /// { text }, without text at the end of what is typed. `last`: what the line before gave, { shown } or { failed }.
  Task<Outcome> next(Value last);

 private:
  loop::Abort<Outcome> ask(Value last, const loop::Completion<Outcome>& completion);

  Typist& typist_;
  std::thread thread_;
};

}  // namespace shunt::deploy
