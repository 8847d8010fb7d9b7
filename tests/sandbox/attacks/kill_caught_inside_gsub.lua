-- Loops where no yield is possible, so that the kill is an error at first; no pcall on its way out keeps it.
-- ends: busy at 5
pcall(string.gsub, "x", "x", function()
  pcall(function()
    while true do
    end
  end)
  while true do
  end
end)
log.error("the kill was caught")
