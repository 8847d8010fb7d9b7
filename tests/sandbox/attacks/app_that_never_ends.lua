-- Loops for ever in an app file; ended after half a second, at its line.
-- ends: busy at 3 as app
while true do
end
