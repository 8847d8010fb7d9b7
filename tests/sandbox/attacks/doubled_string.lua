-- Doubles a string with .. until memory is full, inside pcall; a kill that nothing catches.
-- ends: SH1283
local text = "x"
while true do
  pcall(function()
    text = text .. text
  end)
end
