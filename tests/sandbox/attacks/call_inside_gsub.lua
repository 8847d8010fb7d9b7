-- Performs in a callback of gsub, where nothing can wait; a catalogued error at the line.
-- ends: SH1205 at 4
string.gsub("x", "x", function()
  clock.sleep("1s")
end)
log.error("it waited inside gsub")
