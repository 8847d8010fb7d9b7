-- Performs in the message handler of xpcall, where nothing can wait; the handler fails, and no Call is made.
-- ends: ok
local ok, problem = xpcall(error, function()
  log.error("a Call was made in a handler")
end, "x")
if ok or type(problem) ~= "table" then
  log.error("the handler's error was lost")
end
