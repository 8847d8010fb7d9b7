-- Fills memory inside pcall, coroutine and xpcall, to go on with what is left; a kill that nothing catches.
-- ends: SH1283
local kept = {}
while true do
  pcall(coroutine.wrap(function()
    xpcall(function()
      while true do
        kept[#kept + 1] = {}
      end
    end, function()
      log.error("the handler ran")
    end)
  end))
  log.error("the kill was caught")
end
