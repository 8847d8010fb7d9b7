-- Catches the end of a rejected deployment with pcall, xpcall and a coroutine; nothing runs behind it.
-- ends: SH1905
local function ask()
  deploy:confirm("go on?")
end
pcall(xpcall, function()
  coroutine.resume(coroutine.create(ask))
  log.error("the control error was caught by resume")
end, function()
  log.error("the control error reached a handler")
end)
log.error("the control error was caught by pcall")
