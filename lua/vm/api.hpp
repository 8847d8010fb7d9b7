// The functions that lua/lib/api.lua declares: what they take, and the Calls they make.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/value.hpp"
#include "vm/binding.hpp"

namespace shunt::lua {

/// One argument or option.
struct Parameter {
  std::string name;
  std::string type;
  std::string doc;
  std::string sent_as;    ///< its name in the Call
  bool optional = false;  ///< may be left out
};

/// A field of an object.
struct Member {
  std::string name;
  std::string gives;  ///< LuaCATS type
  std::string doc;
};

struct Module;

struct Function {
  const Module* module = nullptr;
  std::string name;
  std::string full_name;  ///< as people write it: "deploy:soak", "clock.sleep"
  std::string verb;       ///< empty: written in Lua or C++, not a Call by itself
  std::string doc;
  std::string returns;
  std::string gives;  ///< the same as a LuaCATS type
  std::string later;  ///< not empty: not available yet, for this reason
  std::vector<Parameter> arguments;
  std::vector<Parameter> options;
  Value fixed;  ///< arguments of the Call that do not come from the script
};

/// A global table of functions, the methods of an object, or functions that are global themselves.
struct Module {
  std::string name;
  std::string doc;
  bool object = false;
  bool globals = false;
  std::vector<Member> fields;
  bool for_tests = false;  ///< test files have it, strategies do not
  std::vector<Function> functions;
};

/// All of them, in the order of api.lua and tests_api.lua; read once per process.
const std::vector<Module>& api();
const Module* find_module(std::string_view name);
const Function* find_function(const Module& module, std::string_view name);

/// Pushes a table of the module's functions that are Calls: each checks its arguments (SH1207) and performs.
void push_calls(lua_State* lua, const Module& module);

/// Checks the arguments that begin at stack index `first`; an object's method has the object there. The arguments of
/// the Call, or SH1207. Never raises.
Result<Value> check_arguments(lua_State* lua, const Function& function, int first);

}  // namespace shunt::lua
