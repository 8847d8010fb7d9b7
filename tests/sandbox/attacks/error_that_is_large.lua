-- Raises a table of a million fields again and again; reading each is charged.
-- ends: busy or SH1283
local large = {}
for i = 1, 500000 do
  large[i] = i
end
while true do
  pcall(error, large)
end
