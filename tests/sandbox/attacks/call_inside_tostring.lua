-- Performs in __tostring, where nothing can wait; a catalogued error at the line.
-- ends: SH1205 at 5
tostring(setmetatable({}, {
  __tostring = function()
    return clock.now()
  end,
}))
log.error("it waited inside tostring")
