-- Adds __gc, __mode and __close to a metatable once it is set; a metatable is a snapshot without them.
-- ends: ok
local called = false
local late = {}
for _ = 1, 100 do
  setmetatable({}, late)
end
late.__gc = function()
  called = true
end
late.__close = late.__gc
late.__mode = "kv"
local weak = setmetatable({ {} }, late)
for i = 1, 200000 do
  local _ = { i }
end
if called or not rawget(weak, 1) then
  log.error("the garbage collector runs a script")
end
