-- Loops for ever while the strategy is loaded; ended at its line.
-- ends: busy at 3 as load
while true do
end
