-- Wraps an endless loop into pcall, again and again; the first kill is the end.
-- ends: busy at 5
while true do
  pcall(function()
    while true do
    end
  end)
  log.error("the kill was caught")
end
