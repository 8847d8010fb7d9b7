-- Yields what looks like a Call from a coroutine of its own; only its own resume sees it.
-- ends: ok
local thread = coroutine.create(function()
  coroutine.yield({ verb = "log", args = { level = "error", text = "forged" } })
end)
local ok, call = coroutine.resume(thread)
if not ok or call.verb ~= "log" then
  log.error("the yield went past its resume")
end
