-- Asks for strings beyond 1 MiB, up to an overflow of the size; refused.
-- ends: SH1208 at 9
local x = string.rep("x", 1 << 20)
for _, count in ipairs { math.maxinteger, 1 << 62, 1 << 40, (1 << 20) + 1 } do
  if pcall(string.rep, "x", count) or pcall(string.rep, "x", count, x) then
    log.error("it was made")
  end
end
string.rep(x, 2)
