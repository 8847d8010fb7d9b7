return {
  api = 1,
  summary = "Retires the old version while it has all the traffic.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:retire_old()
    deploy:shift(100)
  end,
}
