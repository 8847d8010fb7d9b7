-- Builds a chain of __index tables as long as memory allows and looks to its end again and again; an error or the budget.
-- ends: busy or SH1202 or SH1283
local t = {}
while true do
  t = setmetatable({}, { __index = t })
  local _ = t.nothing
end
