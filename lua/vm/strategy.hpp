// What a strategy file must return, and the options it declares.
#pragma once

#include <lua.hpp>

#include "shunt/script.hpp"
#include "vm/files.hpp"

namespace shunt::lua {

/// Reads the table on top of `thread`'s stack. Errors: SH1105 shape, SH1106 version of the API, SH1107 unknown key,
/// SH1108 an option that is declared wrongly; at the line of the key. Never raises.
Result<StrategyInfo> read_strategy(lua_State* thread, const Loader& loader, const Loader::File& file);

/// `given` checked against `declared`, defaults filled in, durations in milliseconds. SH1007, SH1008.
Result<Value> checked_options(const Value& declared, const Value& given);

/// The options as a script gets them: durations become strings that lose nothing ("60000ms").
Value script_options(const Value& declared, Value options);

}  // namespace shunt::lua
