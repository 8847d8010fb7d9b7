#include "vm/compiled.hpp"

#include <utility>

namespace shunt::lua {

const Compiled::Text* Compiled::find(const Source& source) const {
  const auto found = by_name_.find(source.name);
  return found == by_name_.end() || found->second.text != source.text ? nullptr : &found->second;
}

void Compiled::keep(const Source& source, std::string bytecode, std::shared_ptr<const Outline> outline) {
  by_name_.insert_or_assign(source.name, Text{source.text, std::move(bytecode), std::move(outline)});
}

namespace {

int append(lua_State*, const void* bytes, std::size_t size, void* target) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(bytes), size);
  return 0;
}

}  // namespace

std::string dumped(lua_State* lua) {
  std::string bytecode;
  lua_dump(lua, &append, &bytecode, 0);
  return bytecode;
}

}  // namespace shunt::lua
