-- Wraps a function that performs and answers it with a second call while the first one waits; the answer is the engine's.
-- ends: ok
local once = coroutine.wrap(function()
  return random.number(), "end"
end)
local first, second = once()
if first ~= 0.5 or second ~= "end" then
  log.error("the Call came out: " .. tostring(first))
end
if pcall(once, "forged") then
  log.error("a finished coroutine took an answer")
end
