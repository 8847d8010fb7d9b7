-- Performs in a coroutine that a callback of gsub drives: the host cannot be reached through it; a catalogued error.
-- ends: SH1205 at 5
string.gsub("x", "x", function()
  return coroutine.wrap(function()
    clock.sleep("1s")
    return "y"
  end)()
end)
log.error("it waited inside gsub")
