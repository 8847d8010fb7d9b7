-- Fills memory so slowly that the last allocations below the cap collect all garbage, each of them; ended before long.
-- ends: busy or SH1283
local kept = {}
for i = 1, 448985 do
  kept[i] = {}
end
while true do
  kept[#kept + 1] = {}
  for _ = 1, 300 do
    local _ = {}
  end
end
