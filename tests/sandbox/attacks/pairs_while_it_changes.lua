-- Adds and removes keys of a table while pairs and next go through it; what is gone is skipped, what is new ignored.
-- ends: ok
local t, seen = {}, 0
for i = 1, 1000 do
  t[i] = i
end
for key in pairs(t) do
  for i = key, key + 10 do
    t[i] = nil
  end
  t["new" .. key] = true
  seen = seen + 1
end
if seen > 1000 then
  log.error("it went through what was added")
end
local key = next(t)
while key ~= nil do
  t[key] = nil
  t = setmetatable(t, nil)
  key = next(t, key)
end
