-- Reads a field whose __index reads another one, without an end; ended by the budget or as too deep.
-- ends: busy or SH1202
local t = setmetatable({}, {
  __index = function(t, key)
    return t[key .. "x"]
  end,
})
return t.x
