-- Raises an error in the handler of an error, without an end; an error, not a fall through the stack.
-- ends: ok
local function handler()
  error("again")
end
for _ = 1, 100 do
  if xpcall(error, handler, "x") then
    log.error("an error is gone")
  end
end
