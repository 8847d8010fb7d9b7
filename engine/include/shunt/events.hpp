// What a deployment tells whoever watches it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "shunt/value.hpp"

namespace shunt {

/// started, phase, step, gate, traffic, waiting, warning, message, rolling_back, ended.
struct Event {
  std::string name;
  std::int64_t time = 0;   ///< unix ms
  std::string deployment;  ///< id of the run
  Value fields = Value::object();

  Event() = default;
  Event(std::string name, Value fields) : name(std::move(name)), fields(std::move(fields)) {}
};

/// Hears of an event only once what it tells is durable. Loop thread only; must not block or throw.
class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void report(const Event& event) = 0;
  virtual bool listens() const { return true; }  ///< false: it need not be told anything
};

}  // namespace shunt
