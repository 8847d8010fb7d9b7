-- Resumes a coroutine that performs, to see its Call and to answer it itself; it gets the real answer, and only that.
-- ends: ok
local thread = coroutine.create(function()
  return clock.now()
end)
local ok, value = coroutine.resume(thread, 1e9)
if not ok or value ~= 0.5 then
  log.error("the Call came out, or its answer was forged: " .. tostring(value))
end
if coroutine.status(thread) ~= "dead" then
  log.error("it can be answered a second time")
end
