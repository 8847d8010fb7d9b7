-- Counts to infinity; ended at its line.
-- ends: busy at 3
for _ = 1, math.huge do
end
