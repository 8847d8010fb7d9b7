-- Passes on a hundred thousand values with each call; the clock ends it.
-- ends: busy or SH1208 or SH1202 or SH1283
local function spin(...)
  while true do
    select("#", ...)
  end
end
local function grow(n, ...)
  if n == 0 then
    return spin(...)
  end
  return grow(
    n - 1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    ...
  )
end
grow(1500)
