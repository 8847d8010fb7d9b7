-- Matches a set of half a megabyte against each byte; charged by its length.
-- ends: busy
local text, set = ("a"):rep(1 << 20), "[" .. ("b"):rep(1 << 19) .. "]"
while true do
  text:find(set)
end
