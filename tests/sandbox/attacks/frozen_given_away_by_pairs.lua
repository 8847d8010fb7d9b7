-- Takes the table behind a read-only view out of what pairs returns, to change it; it is not given away.
-- ends: ok
for _, view in ipairs { _ENV, string, deploy, json.null } do
  local _, behind = pairs(view)
  if pcall(rawset, behind, "app", "changed") then
    log.error("pairs gives the table away")
  end
end
