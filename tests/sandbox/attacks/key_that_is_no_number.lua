-- Uses nan, nil and float keys; Lua's own errors in words, and floats that are integers are one key.
-- ends: SH1202 at 8
local t = {}
if pcall(rawset, t, 0 / 0, 1) or pcall(rawset, t, nil, 1) or pcall(next, t, 0 / 0) == nil then
  log.error("it is a key")
end
t[2 ^ 53] = 1
t[0 / 0] = 1
