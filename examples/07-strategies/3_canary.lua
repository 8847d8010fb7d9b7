-- A canary: the new version is compared with the old one at the same moment, not with a fixed limit. What troubles both, a
-- slow database for example, is not held against the new one.

local function errors_of(color)
  local answer = metrics.query('errors{color="' .. color .. '"}')
  if answer.state ~= "ok" then
    return nil -- no data is neither good nor bad
  end
  return answer.value
end

---@type shunt.strategy
return {
  api = 1,
  summary = "Shares grow while the new version makes no more errors than the old one does at the same time.",
  options = {
    steps = { type = "percents", default = { 5, 25, 50 }, doc = "the shares at which both are compared" },
    looks = { type = "integer", default = 5, doc = "how often, at each share" },
    factor = { type = "number", default = 1.5, doc = "how many times the old version's errors are too many" },
  },
  run = function(deploy, options)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    for _, percent in ipairs(options.steps) do
      deploy:shift(percent)
      for _ = 1, options.looks do
        clock.sleep("30s")
        local old_errors, new_errors = errors_of(deploy.live), errors_of(deploy.idle)
        if old_errors and new_errors and new_errors > old_errors * options.factor + 0.001 then
          deploy:fail("the new version makes more errors than the old one", { old = old_errors, new = new_errors })
        end
      end
    end
    deploy:shift(100)
    deploy:soak("5m")
    deploy:retire_old()
  end,
}
