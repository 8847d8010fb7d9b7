#include "vm/maths.hpp"

#include <cmath>
#include <limits>

namespace shunt::lua {

namespace {

// Pushes a float as an integer when it is one.
Answer rounded(Arguments& in, lua_Number number) {
  lua_Integer whole = 0;
  if (lua_numbertointeger(number, &whole) != 0) {
    lua_pushinteger(in.lua(), whole);
  } else {
    lua_pushnumber(in.lua(), number);
  }
  return in.results(1);
}

template <lua_Number (*round)(lua_Number)>
Answer math_round(Arguments& in) {
  const lua_Number number = in.number(1);
  if (in.wrong()) return in.complaint();
  if (lua_isinteger(in.lua(), 1) == 0) return rounded(in, round(number));
  lua_settop(in.lua(), 1);
  return in.results(1);
}

lua_Number down(lua_Number number) {
  return std::floor(number);
}
lua_Number up(lua_Number number) {
  return std::ceil(number);
}

Answer math_abs(Arguments& in) {
  const lua_Number number = in.number(1);
  if (in.wrong()) return in.complaint();
  if (lua_isinteger(in.lua(), 1) != 0) {
    const auto whole = static_cast<lua_Unsigned>(lua_tointeger(in.lua(), 1));
    lua_pushinteger(in.lua(), static_cast<lua_Integer>(static_cast<lua_Integer>(whole) < 0 ? 0U - whole : whole));
  } else {
    lua_pushnumber(in.lua(), std::fabs(number));
  }
  return in.results(1);
}

Answer math_fmod(Arguments& in) {
  const lua_Number dividend = in.number(1);
  const lua_Number divisor = in.number(2);
  if (in.wrong()) return in.complaint();
  if (lua_isinteger(in.lua(), 1) == 0 || lua_isinteger(in.lua(), 2) == 0) {
    lua_pushnumber(in.lua(), std::fmod(dividend, divisor));
    return in.results(1);
  }
  const lua_Integer whole = lua_tointeger(in.lua(), 2);
  if (whole == 0) {
    in.refuse(2, "a number other than zero");
    return in.complaint();
  }
  lua_pushinteger(in.lua(), whole == -1 ? 0 : lua_tointeger(in.lua(), 1) % whole);
  return in.results(1);
}

Answer math_modf(Arguments& in) {
  const lua_Number number = in.number(1);
  if (in.wrong()) return in.complaint();
  const lua_Number whole = std::trunc(number);
  rounded(in, whole);
  lua_pushnumber(in.lua(), std::isinf(number) ? 0.0 : number - whole);
  return in.results(2);
}

Answer math_sqrt(Arguments& in) {
  const lua_Number number = in.number(1);
  if (in.wrong()) return in.complaint();
  lua_pushnumber(in.lua(), std::sqrt(number));
  return in.results(1);
}

// The smallest or largest of all arguments.
template <bool largest>
Answer math_best(Arguments& in) {
  for (int i = 1; i <= std::max(in.count(), 1); ++i)
    if (lua_type(in.lua(), i) != LUA_TNUMBER) in.refuse(i, "a number");
  if (in.wrong()) return in.complaint();
  int best = 1;
  for (int i = 2; i <= in.count(); ++i)
    if (lua_compare(in.lua(), largest ? best : i, largest ? i : best, LUA_OPLT) != 0) best = i;
  lua_pushvalue(in.lua(), best);
  return in.results(1);
}

Answer math_tointeger(Arguments& in) {
  in.present(1);
  if (in.wrong()) return in.complaint();
  int fits = 0;
  const lua_Integer number = lua_tointegerx(in.lua(), 1, &fits);
  if (fits != 0) {
    lua_pushinteger(in.lua(), number);
  } else {
    lua_pushnil(in.lua());
  }
  return in.results(1);
}

Answer math_type(Arguments& in) {
  in.present(1);
  if (in.wrong()) return in.complaint();
  if (lua_type(in.lua(), 1) != LUA_TNUMBER) {
    lua_pushnil(in.lua());
  } else {
    lua_pushstring(in.lua(), lua_isinteger(in.lua(), 1) != 0 ? "integer" : "float");
  }
  return in.results(1);
}

Answer math_ult(Arguments& in) {
  const auto left = static_cast<lua_Unsigned>(in.whole(1));
  const auto right = static_cast<lua_Unsigned>(in.whole(2));
  if (in.wrong()) return in.complaint();
  lua_pushboolean(in.lua(), left < right ? 1 : 0);
  return in.results(1);
}

}  // namespace

Bindings math_bindings() {
  static constexpr Binding bindings[] = {
      {"math.abs", &math_abs},   {"math.ceil", &math_round<up>}, {"math.floor", &math_round<down>},
      {"math.fmod", &math_fmod}, {"math.max", &math_best<true>}, {"math.min", &math_best<false>},
      {"math.modf", &math_modf}, {"math.sqrt", &math_sqrt},      {"math.tointeger", &math_tointeger},
      {"math.type", &math_type}, {"math.ult", &math_ult},
  };
  return bindings;
}

void push_math_module(lua_State* lua) {
  push_bindings(lua, math_bindings());
  lua_pushnumber(lua, 3.141592653589793);
  lua_setfield(lua, -2, "pi");
  lua_pushnumber(lua, std::numeric_limits<lua_Number>::infinity());
  lua_setfield(lua, -2, "huge");
  lua_pushinteger(lua, LUA_MAXINTEGER);
  lua_setfield(lua, -2, "maxinteger");
  lua_pushinteger(lua, LUA_MININTEGER);
  lua_setfield(lua, -2, "mininteger");
}

}  // namespace shunt::lua
