-- table.sort: a stable merge sort, whose comparison may wait.

local native = ...

local function less(left, right)
  return left < right
end

-- Merges the sorted runs from[low .. middle - 1] and from[middle .. high - 1] into `to`. On a tie the left one comes first.
local function merge(from, to, low, middle, high, before)
  local left, right = low, middle
  for position = low, high - 1 do
    if left < middle and (right >= high or not before(from[right], from[left])) then
      to[position] = from[left]
      left = left + 1
    else
      to[position] = from[right]
      right = right + 1
    end
  end
end

local function sort(list, before)
  native.check_list("table.sort", list)
  local count = #list
  local from, to = table.move(list, 1, count, 1, {}), {}
  local width = 1
  while width < count do
    for low = 1, count, 2 * width do
      local middle = math.min(low + width, count + 1)
      local high = math.min(low + 2 * width, count + 1)
      merge(from, to, low, middle, high, before or less)
    end
    from, to = to, from
    width = 2 * width
  end
  table.move(from, 1, count, 1, list)
end

return { sort = sort }
