-- Start the new version beside the old one, prove it, switch everything at once.
---@type shunt.strategy
return {
  api = 1,
  summary = "Start the idle colour, prove it, switch everything at once, watch, retire the old one.",
  options = {
    soak = { type = "duration", default = "60s", doc = "how long the gates are watched after the switch" },
    hold = { type = "duration", default = "0s", doc = "how long the old colour stays up for an instant rollback" },
  },
  run = function(deploy, options)
    deploy:run_checks()
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
    deploy:soak(options.soak)
    deploy:retire_old { hold = options.hold }
  end,
}
