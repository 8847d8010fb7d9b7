-- Runs an endless loop in a coroutine and goes on behind its resume; nothing does.
-- ends: busy at 4
local thread = coroutine.create(function()
  while true do
  end
end)
coroutine.resume(thread)
log.error("the kill was caught")
