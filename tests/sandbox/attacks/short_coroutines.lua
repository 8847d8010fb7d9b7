-- Creates coroutines that are too short for a count hook to fire in them; each creation is charged.
-- ends: busy
while true do
  coroutine.wrap(function() end)()
end
