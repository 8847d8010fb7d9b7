// The one way from Lua into C++. Lua raises errors by throwing, so the order in a call is fixed: arguments are read
// while no C++ owner is alive, a C++ function answers, its scope is left, and only then results are pushed or an error
// is raised.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <span>
#include <string>
#include <string_view>

#include "shunt/call.hpp"

namespace shunt::lua {

class Arguments;

/// What a bound function wants the trampoline to do once it has returned. Holds nothing: payloads lie in the state's
/// outbox.
struct Answer {
  enum class Kind { results, text, value, failure, stop, perform };

  Kind kind = Kind::results;
  int count = 0;  ///< for results: how many values on top of the stack
};

/// One function that scripts can call.
struct Binding {
  const char* name;                        ///< as people write it: "string.rep"
  Answer (*answer)(Arguments&) = nullptr;  ///< a function that never raises, or
  lua_CFunction direct = nullptr;          ///< one that calls back into Lua, or raises itself: it owns nothing in C++
};

using Bindings = std::span<const Binding>;

/// The arguments of one call. The first that is wrong is remembered, so that a function reads them all and then asks
/// once.
class Arguments {
 public:
  Arguments(lua_State* lua, const char* function) : lua_(lua), function_(function) {}

  lua_State* lua() const { return lua_; }
  int count() const { return lua_gettop(lua_); }
  bool absent(int index) const { return lua_isnoneornil(lua_, index); }

  /// A string, or a number's text. The view lives as long as the call.
  std::string_view text(int index);
  std::string_view text_or(int index, std::string_view fallback);
  lua_Integer whole(int index);
  lua_Integer whole_or(int index, lua_Integer fallback);
  lua_Number number(int index);
  void table(int index);
  void function(int index);
  void present(int index);

  /// Says that the argument is wrong, and what was wanted: "a number above 0".
  void refuse(int index, const char* wanted);
  bool wrong() const { return wrong_ != 0; }
  Answer complaint() const;

  /// Charges `instructions`. False: return `stop()` at once.
  bool spend(std::int64_t instructions);

  Answer results(int count) const { return {Answer::Kind::results, count}; }
  Answer text_result(std::string text) const;
  Answer value(Value value) const;
  Answer fail(const char* code, std::string message, std::string remedy = {}) const;
  Answer fail(Error error) const;
  Answer stop() const { return {Answer::Kind::stop, 0}; }
  /// Waits for the outcome of `call`, which becomes the function's result.
  Answer perform(Call call) const;

 private:
  lua_State* lua_;
  const char* function_;
  int wrong_ = 0;
  const char* wanted_ = "";
};

/// Pushes `binding` as a function. The binding must outlive the state.
void push_binding(lua_State* lua, const Binding& binding);

/// Pushes a table of functions; a binding's key is the part of its name after the last dot.
void push_bindings(lua_State* lua, Bindings bindings);

/// Yields the Call in the outbox to the host; the result is its outcome. Raises SH1109 in LOAD, SH1205 where waiting is
/// impossible. Use as `return perform(lua);` with no C++ owner alive.
int perform(lua_State* lua);

/// Does what a bound function asked for: pushes, raises or yields. For direct bindings that end with one.
int deliver(lua_State* lua, Answer answer);

/// Raises SH1207: "NAME wants WANTED as its 2nd argument, got ...". Use as `return refuse_argument(...)` in a direct
/// binding.
int refuse_argument(lua_State* lua, const char* function, int index, const char* wanted);

/// The longest string that one of our functions returns.
constexpr std::size_t longest_string = 1024 * 1024;

}  // namespace shunt::lua
