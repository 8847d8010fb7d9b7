-- Asks table and string functions for ranges of 2^63 elements; refused.
-- ends: ok
local low, high = math.mininteger, math.maxinteger
local function refused(fn, ...)
  if pcall(fn, ...) then
    log.error("it was done")
  end
end
refused(table.concat, {}, "x", 1, high)
refused(table.concat, {}, "x", low, high)
refused(table.unpack, {}, 1, 1e8)
refused(table.unpack, {}, low, high)
refused(table.move, {}, 1, high, 2)
refused(table.move, {}, low, high, low)
refused(table.move, {}, 1, 2, high)
refused(string.byte, ("x"):rep(1 << 20), 1, -1)
string.sub("x", low, high)
string.byte("x", low, high)
string.find("x", "x", low)
string.find("x", "x", high)
utf8.len("x", low < 0 and 1 or 1, -1)
pcall(utf8.offset, "x", low)
pcall(utf8.offset, "x", high, low)
pcall(utf8.codepoint, "x", low, high)
pcall(utf8.len, "x", low, high)
select(low < 0 and "#" or 1)
pcall(select, low)
pcall(select, high, 1)
pcall(error, "x", low)
pcall(tonumber, "7", high)
pcall(string.char, high)
pcall(utf8.char, high)
math.abs(low)
pcall(math.fmod, low, -1)
pcall(function()
  return low // -1, low % -1, 1 << high, 1 >> low
end)
