return {
  api = 1,
  summary = "Takes the app down without saying that it may.",
  run = function(deploy)
    deploy:stop_old()
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
  end,
}
