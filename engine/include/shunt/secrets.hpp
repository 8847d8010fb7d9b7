// Secrets are handles; their values exist only while they are used.
#pragma once

#include <string>

#include "shunt/error.hpp"
#include "shunt/task.hpp"
#include "shunt/value.hpp"

namespace shunt {

/// A secret in a configuration is {"$secret": {"env": NAME} | {"file": PATH} | {"command": [argv]}}.
bool is_secret(const Value& value);

/// Reads secrets and remembers what it read, so that it can be masked wherever text leaves the engine.
class Secrets {
 public:
  virtual ~Secrets() = default;

  /// The value behind a handle (one trailing newline removed). SH1009 when it cannot be read; the error names the
  /// handle.
  virtual Task<Result<std::string>> read(Value handle) = 0;

  /// Masks `value` from now on, as if it had been read here: for secrets that an adapter finds by itself, where the
  /// user keeps them for another program.
  virtual void remember(std::string value) = 0;

  /// `text` with every value read or remembered so far (of 4 bytes or more) replaced by "***".
  virtual std::string mask(std::string text) const = 0;

  /// `value` with `mask` applied to every string and key in it.
  virtual Value mask_all(Value value) const = 0;

  /// `value` with every handle in it replaced by its secret, for use in an environment or a header only.
  virtual Task<Result<Value>> reveal(Value value) = 0;
};

}  // namespace shunt
