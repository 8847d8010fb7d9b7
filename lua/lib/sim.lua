-- A world is an object: what it was made with stays with the engine, under its handle.

local native, calls = ...

local sim = {}

function sim.world(options)
  return native.object("world", calls.world(options))
end

return sim
