return {
  api = 1,
  summary = "Stops the old version by hand while it has half of the traffic.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(50)
    instances.stop { service = "web", color = deploy.live }
    deploy:shift(100)
  end,
}
