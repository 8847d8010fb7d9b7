-- Makes a table whose length is 2^63 - 1 and lets table functions count beyond it; no overflow.
-- ends: busy or ok
local t = { 1 }
for i = 1, 62 do
  t[1 << i] = 1
end
t[math.maxinteger] = 1
if #t ~= math.maxinteger then
  return
end
pcall(table.insert, t, 1)
pcall(table.insert, t, math.maxinteger, 1)
pcall(table.remove, t)
pcall(table.remove, t, math.mininteger)
pcall(table.concat, t)
pcall(table.unpack, t)
pcall(table.sort, t)
for _ in
  ipairs(setmetatable({}, {
    __index = function(_, i)
      return i < 3 and i or nil
    end,
  }))
do
end
table.insert(t, 1, 1)
