-- Recurses through pcall, tostring, gsub and sort, each of which takes stack of the host; an error or the budget.
-- ends: busy or SH1202 or SH1201
local function deep()
  local t = setmetatable({}, {
    __tostring = function()
      return tostring(deep())
    end,
  })
  return (string.gsub("x", "x", function()
    return select(2, pcall(tostring, t))
  end))
end
while true do
  pcall(deep)
  pcall(coroutine.wrap(deep))
end
