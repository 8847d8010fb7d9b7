-- Looks for the value by which a Call passes through resume, in everything that a resume gives; it is in nothing.
-- ends: ok
local function look(...)
  for i = 1, select("#", ...) do
    if type(select(i, ...)) == "userdata" then
      log.error("a script holds the signal of a Call")
    end
  end
end
look(coroutine.resume(coroutine.create(clock.now)))
look(pcall(coroutine.wrap(clock.now)))
look(pcall(clock.now))
look(xpcall(clock.now, function(...)
  look(...)
end))
look(coroutine.close(coroutine.create(clock.now)))
