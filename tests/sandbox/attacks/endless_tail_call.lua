-- Calls itself in tail position for ever, which no stack bounds; ended by the budget.
-- ends: busy at 4
local function again()
  return again()
end
again()
