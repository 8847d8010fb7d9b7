// Errors as scripts see them: tables of one class, made from an Error and turned back into one.
#pragma once

#include <lua.hpp>

#include "shunt/error.hpp"

namespace shunt::lua {

/// Pushes `error` as an error object: code, message, kind, where, traceback, step, cause, retryable, evidence, remedy.
/// Raises only when memory is short.
void push_error(lua_State* lua, const Error& error);

/// Whether the value at `index` is an error object. Never raises.
bool is_error_object(lua_State* lua, int index);

/// The Error behind any value that was raised: an error object, a message of Lua itself (put in plain words), a string
/// or a table of the author. Place and traceback are those of `thread` where the value has none. Never raises.
Error error_of(lua_State* thread, int index);

/// The Error that `error(value, level)` makes: like error_of, but a string is the author's own message.
Error raised_error(lua_State* lua, int index, int level);

/// Raises the Error in the outbox, at the author's line if it has no place yet. Use as `return raise(lua);` with no C++
/// owner alive.
int raise(lua_State* lua);

/// Puts an Error into the outbox and raises it. The texts are copied; nothing of the caller's may need a destructor.
int raise(lua_State* lua, const char* code, const char* message, const char* remedy = "");

/// The message handler of every protected call: replaces what was raised by an error object. Leaves error objects and
/// the signal of a killed script alone.
int describe_error(lua_State* lua);

/// Pushes the Error in the outbox, made of the value at `raised`: a table without evidence of its own becomes the
/// evidence, so that whoever catches the error finds the very table.
void push_raised(lua_State* lua, int raised);

/// Registers the class of error objects in a new state.
void open_errors(lua_State* lua);

}  // namespace shunt::lua
