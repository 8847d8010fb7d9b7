-- Recurses without an end; an error that can be caught, and the second one is no worse than the first.
-- ends: SH1202 at 5
local function deep()
  -- not in tail position
  return 1 + deep()
end
pcall(deep)
pcall(coroutine.wrap(deep))
deep()
