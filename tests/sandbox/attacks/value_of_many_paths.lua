-- Encodes a table of 40 levels, each of which is reached on two ways; bounded by its size when it is written out.
-- ends: SH1204
local t = { 1 }
for _ = 1, 40 do
  t = { t, t }
end
json.encode(t)
