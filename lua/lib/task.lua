-- Several things at the same time. Which function wins follows from the order in which outcomes are delivered, so a replay gives
-- the same.

local native = ...

local task = {}

function task.all(functions)
  return native.fork("all", functions)
end

function task.race(functions)
  local winner, result = native.fork("race", functions)
  return result, winner
end

function task.deadline(duration, fn)
  native.check("task", "deadline", duration, fn)
  local function timer()
    clock.sleep(duration)
  end
  local winner, result = native.fork("race", { fn, timer })
  if winner == 2 then
    native.raise {
      code = "SH1214",
      kind = "timeout",
      message = "the function was not done in time",
      remedy = "give it more time, or look at what it waits for",
      retryable = true,
    }
  end
  return result
end

function task.retry(given)
  local options = given
  if type(given) == "table" then
    options = {}
    for key, value in pairs(given) do
      options[key == 1 and "fn" or key] = value
    end
  end
  native.check("task", "retry", options)
  local times = options.times or 3
  local delay = options.delay or "1s"
  for attempt = 1, times do
    local results = table.pack(pcall(options.fn, attempt))
    if results[1] then
      return table.unpack(results, 2, results.n)
    end
    if attempt >= times then
      error(results[2], 0)
    end
    clock.sleep(delay)
  end
end

return task
