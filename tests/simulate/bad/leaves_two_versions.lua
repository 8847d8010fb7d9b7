return {
  api = 1,
  summary = "Ends while both versions have traffic.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(50)
    deploy:soak("5s")
  end,
}
