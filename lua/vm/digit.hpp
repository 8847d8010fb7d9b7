// A byte that is a decimal digit, in every locale.
#pragma once

namespace shunt::lua {

constexpr bool is_digit(unsigned char byte) {
  return byte >= '0' && byte <= '9';
}

}  // namespace shunt::lua
