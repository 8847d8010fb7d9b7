-- Loops for ever; ended at its line.
-- ends: busy at 3
while true do
end
