-- Raises from the hook by recursing deeply, with a handler that never ends; the handler is skipped.
-- ends: ok
local function deep()
  return 1 + deep()
end
if xpcall(deep, function()
  while true do
  end
end) then
  log.error("there is no bottom")
end
