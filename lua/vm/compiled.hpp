// What texts were compiled to: a simulation loads the same few thousands of times.
#pragma once

#include <lua.hpp>
#include <map>
#include <memory>
#include <string>

#include "shunt/script.hpp"
#include "vm/outline.hpp"

namespace shunt::lua {

/// Keeps what was made of the text that a file of that name had last. One thread at a time.
class Compiled {
 public:
  struct Text {
    std::string text;
    std::string bytecode;  ///< made here, never read from anywhere
    std::shared_ptr<const Outline> outline;
  };

  /// Nothing where this text was not compiled before.
  const Text* find(const Source& source) const;

  void keep(const Source& source, std::string bytecode, std::shared_ptr<const Outline> outline);

 private:
  std::map<std::string, Text> by_name_;
};

/// The bytecode of the function on top of the stack, with its lines and names.
std::string dumped(lua_State* lua);

}  // namespace shunt::lua
