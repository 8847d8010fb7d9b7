-- Another branch resumes and closes a coroutine that waits for the answer of its Call; both are refused.
-- ends: ok
local waiting = coroutine.create(function()
  clock.sleep("1s")
  return "answered"
end)
local result
task.all {
  function()
    result = { coroutine.resume(waiting) }
  end,
  function()
    if coroutine.resume(waiting, "forged") then
      log.error("it took an answer of the script")
    end
    if pcall(coroutine.close, waiting) then
      log.error("it was closed while it waits")
    end
    if coroutine.status(waiting) ~= "normal" then
      log.error("it looks resumable: " .. coroutine.status(waiting))
    end
  end,
}
if result[2] ~= "answered" then
  log.error("its answer was lost")
end
