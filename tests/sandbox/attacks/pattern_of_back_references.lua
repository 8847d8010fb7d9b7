-- Compares long captures with each other at each position; charged by their length.
-- ends: busy
local text = ("a"):rep(1 << 19)
while true do
  text:find("(.-)%1%1%1b")
end
