-- What a Lua file of this project may name. A strategy sees the sandbox: no io, os, debug, package or load.
std = {
  read_globals = {
    "_VERSION", "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen",
    "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
    coroutine = { fields = { "close", "create", "isyieldable", "resume", "running", "status", "wrap", "yield" } },
    math = {
      fields = { "abs", "ceil", "floor", "fmod", "huge", "max", "maxinteger", "min", "mininteger", "modf", "pi", "random",
                 "sqrt", "tointeger", "type", "ult" },
    },
    string = { other_fields = true },
    table = { fields = { "concat", "insert", "move", "pack", "remove", "sort", "unpack" } },
    utf8 = { other_fields = true },
    -- the primitives
    "clock", "exec", "http", "image", "instances", "json", "log", "metrics", "probe", "proxy", "random", "task",
  },
}
max_line_length = 120  -- StyLua breaks code there; prose may run a little over
max_comment_line_length = 132

-- What attacks the sandbox is wrong on purpose.
exclude_files = { "tests/sandbox", "lua/types" }

-- The app file.
files["**/shunt.lua"] = { read_globals = { "env", "include", "secret" } }

-- Tests of strategies.
files["**/*_test.lua"] = { read_globals = { "before_each", "expect", "invariant", "sim", "test" } }

-- The Lua API itself is written on top of what the engine gives it, and is where those globals come from.
files["lua/lib"] = { std = "lua54", read_globals = { "clock" }, allow_defined_top = true, max_line_length = 160 }
