// The two environments of an app.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace shunt {

/// In C++ and prose it is a colour; every key, label and JSON field says `color`.
enum class Colour { blue, green };

constexpr std::array<Colour, 2> both_colours = {Colour::blue, Colour::green};

constexpr Colour other(Colour colour) {
  return colour == Colour::blue ? Colour::green : Colour::blue;
}
constexpr std::string_view name_of(Colour colour) {
  return colour == Colour::blue ? "blue" : "green";
}
inline std::string text_of(Colour colour) {
  return std::string(name_of(colour));
}

constexpr std::optional<Colour> colour_named(std::string_view name) {
  if (name == "blue") return Colour::blue;
  if (name == "green") return Colour::green;
  return std::nullopt;
}

}  // namespace shunt
