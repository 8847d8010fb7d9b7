-- Looks for the functions of our own library in what it hands to a script: an iterator, an error, a comparison.
-- ends: ok
local found
local spy = setmetatable({}, {
  __index = function(_, key)
    found = found or key
  end,
  __call = function(_, ...)
    for i = 1, select("#", ...) do
      local given = select(i, ...)
      if type(given) == "table" and rawget(given, "perform") then
        found = "perform"
      end
    end
    return false
  end,
})
pcall(table.sort, { 3, 2, 1 }, spy)
pcall(task.retry, { times = 1, spy })
pcall(task.deadline, "1s", spy)
pcall(deploy.phase, deploy, "one", spy)
if found then
  log.error("the library gives away " .. tostring(found))
end
