#include "vm/places.hpp"

#include <fmt/format.h>

#include "vm/state.hpp"

namespace shunt::lua {

namespace {

constexpr int longest_traceback = 20;

bool by_author(const lua_Debug& record) {
  return record.source[0] == '@';
}

// The coroutine that resumed `thread`, or nullptr at the outermost one.
lua_State* resumer_of(lua_State* thread) {
  for (const Resumer* one = State::of(thread).resumer; one != nullptr; one = one->previous)
    if (one->inner == thread) return one->outer;
  return nullptr;
}

// Calls visit(record) for the author's frames, innermost first, until it says false.
template <typename Visit>
void visit_author(lua_State* thread, int level, const char* wanted, Visit visit) {
  for (; thread != nullptr; thread = resumer_of(thread), level = 0) {
    lua_Debug record{};
    for (; lua_getstack(thread, level, &record) != 0; ++level) {
      lua_getinfo(thread, wanted, &record);
      if (by_author(record) && record.currentline > 0 && !visit(record)) return;
    }
  }
}

std::string described_call(const lua_Debug& record) {
  const std::string place = fmt::format("{}:{}: ", record.source + 1, record.currentline);
  if (record.what == std::string_view("main")) return place + "in the file itself";
  if (record.name != nullptr) return place + fmt::format("in function '{}'", record.name);
  return place + fmt::format("in the function that begins at line {}", record.linedefined);
}

}  // namespace

Where author_place(lua_State* thread, int level) {
  Where place;
  visit_author(thread, level, "Sl", [&place](const lua_Debug& record) {
    place = Where{record.source + 1, record.currentline};
    return false;
  });
  return place;
}

std::string author_traceback(lua_State* thread) {
  std::string text;
  int lines = 0;
  visit_author(thread, 0, "Sln", [&](const lua_Debug& record) {
    if (lines++ == longest_traceback) {
      text += "\n...";
      return false;
    }
    if (!text.empty()) text += '\n';
    text += described_call(record);
    return true;
  });
  return text;
}

Where place_of_function(lua_State* lua, int index) {
  lua_Debug record{};
  lua_pushvalue(lua, index);
  lua_getinfo(lua, ">S", &record);
  return by_author(record) ? Where{record.source + 1, record.linedefined} : Where{};
}

}  // namespace shunt::lua
