-- Uses what only a strategy has; there is none of it in an app file.
-- ends: ok as app
for _, name in ipairs { "exec", "http", "clock", "deploy", "require", "task", "json", "log" } do
  if pcall(function()
    return _ENV[name]
  end) then
    error("breached: there is " .. name)
  end
end
if pcall(math.random) then
  error("breached: there is chance")
end
return {}
