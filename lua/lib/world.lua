-- The methods of a world that take a function: no Call carries one, so the engine calls it by its number.

local native, calls = ...

local world = {}

function world.metric(self, name, fn)
  if type(fn) ~= "function" then
    return calls.metric(self, name, nil, fn)
  end
  return calls.metric(self, name, nil, { ["function"] = native.keep("function", name, fn) })
end

return world
