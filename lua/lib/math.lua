-- Random numbers come from the deployment's journal, so that a replay has the same ones.

local native = ...

local widest = 1 << 53 -- as many numbers as a share can tell apart

local function wrong(message)
  native.raise { code = "SH1207", kind = "script", message = message }
end

local function random(low, high)
  if low == nil then
    return native.perform("random.number", {})
  end
  if high == nil then
    low, high = 1, low
  end
  if math.type(low) ~= "integer" or math.type(high) ~= "integer" then
    wrong("math.random wants whole numbers")
  end
  if low > high or math.ult(widest, high - low) then
    wrong("math.random wants a lower and an upper limit, at most 2^53 apart")
  end
  local share = native.perform("random.number", {})
  return math.min(high, low + math.floor(share * (high - low + 1)))
end

-- There is nothing to seed.
local function randomseed() end

return { random = random, randomseed = randomseed }
