-- Closes a chain of __index tables to a ring and reads a field that is in none; an error.
-- ends: SH1202 at 6
local one, other = {}, {}
setmetatable(one, { __index = other })
setmetatable(other, { __index = one })
return one.nothing
