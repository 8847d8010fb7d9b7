-- Looks for half a megabyte in a megabyte, where a plain search takes 2^38 steps; linear, and charged.
-- ends: busy
local hay = ("a"):rep(1 << 20)
local needle = ("a"):rep(1 << 19) .. "b"
while true do
  hay:find(needle, 1, true)
end
