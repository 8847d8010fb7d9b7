-- Hands the outermost thread to a branch that resumes and closes it; both are refused.
-- ends: ok
local main = coroutine.running()
task.all {
  function()
    if coroutine.resume(main) or pcall(coroutine.close, main) then
      log.error("the outermost thread can be driven")
    end
  end,
}
