// The narrow waist's two nouns: a Call goes down, an Outcome comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "shunt/error.hpp"
#include "shunt/value.hpp"

namespace shunt {

/// One thing that a script or a composite step wants from the world. Every verb stands in engine/effects/verbs.cpp.
struct Call {
  std::string verb;      ///< "proxy.set", "shift", ...
  Value args;            ///< always an object
  Where where;           ///< the author's line; not part of what is compared or hashed
  std::int64_t seq = 0;  ///< the journal entry of its intent, set by the waist; not compared or hashed either

  Call() = default;
  explicit Call(std::string verb, Value args = Value::object(), Where where = {})
      : verb(std::move(verb)), args(std::move(args)), where(std::move(where)) {}
};

/// What came of a Call: a value, or an error.
struct Outcome {
  Value value;
  std::optional<Error> error;

  Outcome() = default;
  Outcome(Value value) : value(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Outcome(Error error) : error(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error; }
};

}  // namespace shunt
