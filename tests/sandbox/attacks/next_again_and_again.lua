-- Asks for the first key of a large table again and again, each time in linear time; charged.
-- ends: busy
local t = {}
for i = 1, 100000 do
  t[i] = i
end
while true do
  next(t)
end
