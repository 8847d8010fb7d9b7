-- Repeats an empty string 2^63 - 1 times, which Lua's own string.rep does not survive; done at once.
-- ends: ok
if string.rep("", math.maxinteger) ~= "" or string.rep("", math.maxinteger, "") ~= "" then
  log.error("it is not empty")
end
