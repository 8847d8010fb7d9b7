// Lua's own error messages in people's words.
#pragma once

#include <string>
#include <string_view>

namespace shunt::lua {

struct Plain {
  std::string message;
  std::string remedy;
};

/// `message` is one of Lua's, without the place in front; one that is not known comes back as it is.
Plain plain_words(std::string_view message);

/// A syntax error's message without its place.
Plain plain_syntax(std::string_view message);

}  // namespace shunt::lua
