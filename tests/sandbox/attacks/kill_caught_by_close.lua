-- Leaves a variable to be closed in the way of a kill; no __close is ever taken from a script.
-- ends: SH1202 at 7
local guard <close> = setmetatable({}, {
  __close = function()
    log.error("closed")
  end,
})
while true do
end
