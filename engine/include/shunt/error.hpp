// Errors are values until the outermost layer prints them.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "shunt/value.hpp"

namespace shunt {

/// A place in a file that a person wrote; `line` is 0 where it is not known.
struct Where {
  std::string file;
  int line = 0;
};

/// What sort of failure it is; the names are those that scripts see in `error.kind`.
enum class Kind { timeout, unhealthy, gate, adapter, cancelled, config, script };

std::string_view name_of(Kind kind);
Kind kind_named(std::string_view name);

/// One failure, for people and programs alike.
struct Error {
  std::string code;  ///< stable, e.g. "SH1203"; `shunt explain` knows it (engine/config/catalogue.cpp)
  Kind kind = Kind::script;
  std::string message;  ///< what was wanted and what happened, one sentence without the final full stop
  std::string remedy;   ///< what to do next, one sentence without the final full stop; may be empty
  Where where;          ///< the author's own file and line, where there is one
  std::string traceback;
  std::string step;  ///< the composite it happened in
  bool retryable = false;
  bool control = false;  ///< killed, cancelled, rejected, fenced, halted: no script can catch it
  Value evidence;        ///< numbers, samples, answers, tails of output
  std::shared_ptr<const Error> cause;

  Error() = default;
  Error(std::string code, Kind kind, std::string message, std::string remedy = {})
      : code(std::move(code)), kind(kind), message(std::move(message)), remedy(std::move(remedy)) {}

  /// The same error with a place, evidence or cause added.
  Error&& at(Where place) &&;
  Error&& with(Value facts) &&;
  Error&& because(Error reason) &&;
};

/// One line: "deploy.lua:12: message (SH1203)".
std::string to_line(const Error& error);

/// All of it, over several lines: message, where, why (causes), what to do, code.
std::string to_paragraph(const Error& error);

Value to_value(const Error& error);
Error error_from(const Value& value);

/// A value or an Error. `Result<void>` carries only success or failure.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor): `return value;` reads best
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  T& value() & { return std::get<T>(state_); }
  const T& value() const& { return std::get<T>(state_); }
  T&& value() && { return std::get<T>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return std::get<Error>(state_); }
  const Error& error() const& { return std::get<Error>(state_); }
  Error&& error() && { return std::get<Error>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return !error_; }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

/// An Error on its way up through code that has no Result to return (used inside one folder, never across a contract).
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(error.message), error(std::move(error)) {}
  Error error;
};

}  // namespace shunt
