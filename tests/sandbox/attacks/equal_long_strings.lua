-- Compares two equal strings that are as long as memory allows, each time the whole of both; the clock ends it.
-- ends: busy or SH1283
local one, other = ("a"):rep(1 << 20), ("a"):rep(1 << 20)
one, other = one .. one .. one .. one, other .. other .. other .. other
while true do
  local _ = one == other
end
