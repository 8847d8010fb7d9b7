-- Sorts with a comparison that contradicts itself, yields, performs, changes the list and raises; each ends cleanly.
-- ends: ok
local list = {}
for i = 1, 1000 do
  list[i] = (i * 7919) % 1000
end
local turn = false
table.sort(list, function()
  turn = not turn
  return turn
end)
table.sort(list, function()
  return true
end)
table.sort(list, function(a, b)
  list[#list + 1] = 0
  list[1] = nil
  return a < b
end)
coroutine.wrap(function()
  table.sort({ 3, 2, 1 }, function(a, b)
    coroutine.yield()
    return a < b
  end)
end)()
table.sort({ 2, 1 }, function(a, b)
  clock.now()
  return a < b
end)
if pcall(table.sort, { 1, "x", {} }) then
  log.error("it has an order")
end
