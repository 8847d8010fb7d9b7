-- Calculates with strings of a million digits; the clock ends it.
-- ends: busy or SH1202
local digits = "0x" .. ("1"):rep((1 << 20) - 2)
while true do
  local _ = digits | 1
  pcall(function()
    return digits + 1
  end)
end
