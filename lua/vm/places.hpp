// Where in the author's own files Lua is at the moment.
#pragma once

#include <lua.hpp>
#include <string>

#include "shunt/error.hpp"

namespace shunt::lua {

/// The author's innermost line, seen from `level` (0: the running function) of `thread` outwards through whoever
/// resumed it. Our own library and C functions are skipped. Nothing raises; the file is empty where no author's
/// function is active.
Where author_place(lua_State* thread, int level = 0);

/// The author's active lines, one a line, innermost first: "deploy.lua:12: in function 'check'".
std::string author_traceback(lua_State* thread);

/// Where the function at `index` begins, if an author wrote it.
Where place_of_function(lua_State* lua, int index);

}  // namespace shunt::lua
