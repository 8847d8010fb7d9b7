-- Makes a large table count and move all of its keys for each one that is added; the clock ends it.
-- ends: busy or SH1283
local t, size = {}, 1 << 18
for i = 1, size - 1 do
  t[-i] = true
end
local low, high = 1, size
while true do
  t[-low] = nil
  t[-high] = true
  low, high = low + 1, high + 1
end
