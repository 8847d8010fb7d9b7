-- Makes a read-only view a metatable and asks for it again; what comes back is the view.
-- ends: ok
for _, view in ipairs { _ENV, string, deploy, json.null } do
  local behind = getmetatable(setmetatable({}, view))
  if pcall(rawset, behind, "app", "changed") then
    log.error("getmetatable gives the table away")
  end
end
