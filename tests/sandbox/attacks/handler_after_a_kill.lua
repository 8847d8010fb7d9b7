-- Goes over its budget inside xpcall, whose handler would run with the hooks off; it never runs.
-- ends: busy at 4
xpcall(function()
  while true do
  end
end, function()
  log.error("the handler ran")
  while true do
  end
end)
log.error("the kill was caught")
