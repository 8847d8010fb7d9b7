-- Encodes thirty thousand elements below a key of half a megabyte; their paths do not grow with it.
-- ends: busy or ok
local list = {}
for i = 1, 30000 do
  list[i] = i
end
for _ = 1, 3 do
  json.encode { [("k"):rep(500000)] = list }
end
