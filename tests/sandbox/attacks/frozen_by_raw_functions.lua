-- Changes modules, globals, json.null and deploy with each function that writes to a table; all refuse.
-- ends: ok
local function refused(fn, ...)
  if pcall(fn, ...) then
    log.error("something frozen was changed")
  end
end
for _, view in ipairs { _ENV, string, table, math, clock, json.null, deploy } do
  refused(rawset, view, "app", 1)
  refused(setmetatable, view, {})
  refused(table.insert, view, 1)
  refused(table.insert, view, 1, 1)
  refused(table.remove, view)
  refused(table.move, { 1 }, 1, 1, 1, view)
  refused(table.sort, view)
end
