-- The plain way, with downtime: for apps that must not run twice, or machines that have no room for two.
---@type shunt.strategy
return {
  api = 1,
  summary = "Stop the old version, then start the new one: the app is down in between.",
  downtime = true,
  options = {
    soak = { type = "duration", default = "30s", doc = "how long the gates are watched after the start" },
  },
  run = function(deploy, options)
    deploy:run_checks()
    deploy:stop_old()
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
    deploy:soak(options.soak)
  end,
}
