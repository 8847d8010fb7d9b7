-- Raises a table whose __tostring, __name and __index would run while the host prints it; the host reads it raw.
-- ends: SH1201 at 3
error(setmetatable({ message = "mine" }, {
  __tostring = function()
    log.error("it ran")
  end,
  __index = function()
    log.error("it ran")
  end,
  __name = "x",
}))
