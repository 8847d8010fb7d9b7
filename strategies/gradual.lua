-- Give the new version a growing share of the traffic, and watch the gates at every step.
---@type shunt.strategy
return {
  api = 1,
  summary = "Shift traffic to the new version step by step; every step is watched before the next.",
  options = {
    steps = { type = "percents", default = { 10, 25, 50, 75, 100 }, doc = "the shares of the new version, in order" },
    soak = { type = "duration", default = "5m", doc = "how long the gates are watched at every step" },
    hold = { type = "duration", default = "0s", doc = "how long the old colour stays up for an instant rollback" },
  },
  run = function(deploy, options)
    deploy:run_checks()
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    for _, percent in ipairs(options.steps) do
      deploy:phase(percent .. " %", function()
        deploy:shift(percent)
        deploy:soak(options.soak)
      end)
    end
    deploy:retire_old { hold = options.hold }
  end,
}
